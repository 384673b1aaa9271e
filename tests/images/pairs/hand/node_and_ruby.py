"""Node and Ruby: pure code, add-ons with and without a stable interface, gems in directories with a version."""

from tests.images.pairs.model import Pair, Truth, shell, starts

_SERVER = """\
const http = require("node:http");
const server = http.createServer((_, response) => response.end("hello")).listen(8080, "127.0.0.1", async () => {
  console.log(await (await fetch("http://127.0.0.1:8080/")).text());
  server.close();
  process.exit(0);
});
"""
_NODE = 'ARG BASE\nFROM ${BASE}\nCOPY app.js /srv/\nCMD ["node", "/srv/app.js"]\n'
_ADD_ON = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY addon.cc /src/
RUN cd /src && g++ -std=c++17 -shared -fPIC -I/usr/include/nodejs/src -I/usr/include/nodejs/deps/v8/include \\
  -I/usr/include/node -o addon.node addon.cc
FROM ${BASE}
COPY --from=compiler /src/addon.node /srv/
COPY app.js /srv/
CMD ["node", "/srv/app.js"]
"""
_STABLE = """\
#include <node_api.h>
static napi_value start(napi_env env, napi_value exports) {
    napi_value value;
    napi_create_int32(env, 42, &value);
    napi_set_named_property(env, exports, "answer", value);
    return exports;
}
NAPI_MODULE(addon, start)
"""
_BOUND = """\
#include <node.h>
static void start(v8::Local<v8::Object> exports, v8::Local<v8::Value>, void *) {
    v8::Isolate *isolate = v8::Isolate::GetCurrent();
    v8::Local<v8::Context> context = isolate->GetCurrentContext();
    v8::Local<v8::String> name = v8::String::NewFromUtf8(isolate, "answer").ToLocalChecked();
    exports->Set(context, name, v8::Integer::New(isolate, 42)).Check();
}
NODE_MODULE(addon, start)
"""
_USE = 'console.log(require("/srv/addon.node").answer);\n'
_ANSWERS = (starts(prints="42"),)
_HELLO = (starts(prints="hello"),)
_HASH = {
    "app.js": 'const { createHash } = require("node:crypto");\n'
    'console.log(createHash("sha1").update("hello").digest("hex").slice(0, 4));\n'
}
_RUBY = 'ARG BASE\nFROM ${BASE}\nCOPY app.rb own.rb /srv/\nCMD ["ruby", "-I/srv", "/srv/app.rb"]\n'
_RUBY_FILES = {
    "own.rb": "module Own; NAME = 'own'; end\n",
    "app.rb": "require 'own'\nrequire 'json'\nputs JSON.dump(Own::NAME)\n",
}
_GEM = """\
ARG BASE
FROM ${BASE}
COPY own.gemspec /src/
COPY lib /src/lib/
RUN cd /src && gem build --quiet own.gemspec && gem install --quiet --local --no-document own-1.0.gem
CMD ["ruby", "-e", "require 'own'; puts Own::NAME"]
"""
_GEM_AT_HOME = _GEM.replace("RUN", "ENV GEM_HOME=/opt/gems\nRUN")
_GEM_FILES = {
    "own.gemspec": "Gem::Specification.new do |s|\n  s.name = 'own'\n  s.version = '1.0'\n  s.summary = 'own'\n"
    "  s.authors = ['own']\n  s.files = ['lib/own.rb']\n  s.date = '2024-01-01'\nend\n",
    "lib/own.rb": "module Own; NAME = 'own'; end\n",
}
_EXTENSION = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY own.c extconf.rb /src/
RUN cd /src && ruby extconf.rb && make
FROM ${BASE}
COPY --from=compiler /src/own.so /srv/
CMD ["ruby", "-I/srv", "-e", "require 'own'; puts Own.answer"]
"""
_EXTENSION_FILES = {
    "own.c": "#include <ruby.h>\nstatic VALUE answer(VALUE self) { return INT2FIX(42); }\n"
    'void Init_own(void) { rb_define_module_function(rb_define_module("Own"), "answer", answer, 0); }\n',
    "extconf.rb": "require 'mkmf'\ncreate_makefile('own')\n",
}
_NODES = ("node-bookworm", "node-trixie")
_RUBIES = ("ruby-bookworm", "ruby-trixie")

PAIRS = (
    Pair("node/server-refreshed", "node-bookworm", "node-updated", Truth.WORKS, _HELLO, _NODE, {"app.js": _SERVER}),
    Pair("node/server-upgraded", *_NODES, Truth.WORKS, _HELLO, _NODE, {"app.js": _SERVER}),
    Pair("node/crypto-upgraded", *_NODES, Truth.WORKS, (starts(prints="aaf4"),), _NODE, _HASH),
    Pair("node/stable-add-on-upgraded", *_NODES, Truth.WORKS, _ANSWERS, _ADD_ON, {"addon.cc": _STABLE, "app.js": _USE}),
    Pair(
        "node/bound-add-on-refreshed",
        "node-bookworm",
        "node-updated",
        Truth.WORKS,
        _ANSWERS,
        _ADD_ON,
        {"addon.cc": _BOUND, "app.js": _USE},
    ),
    Pair("node/bound-add-on-upgraded", *_NODES, Truth.BREAKS, _ANSWERS, _ADD_ON, {"addon.cc": _BOUND, "app.js": _USE}),
    Pair(
        "node/newer-language-downgraded",
        "node-trixie",
        "node-bookworm",
        Truth.BREAKS,
        (starts(prints="2,1"),),
        _NODE,
        {"app.js": "console.log([1, 2].toReversed().join());\n"},
    ),
    Pair("ruby/own-directory-upgraded", *_RUBIES, Truth.WORKS, (starts(prints='"own"'),), _RUBY, _RUBY_FILES),
    Pair("ruby/gem-upgraded", *_RUBIES, Truth.BREAKS, (starts(prints="own"),), _GEM, _GEM_FILES),
    Pair("ruby/gem-in-a-home-of-its-own", *_RUBIES, Truth.STALE, (starts(prints="own"),), _GEM_AT_HOME, _GEM_FILES),
    Pair("ruby/extension-upgraded", *_RUBIES, Truth.BREAKS, _ANSWERS, _EXTENSION, _EXTENSION_FILES),
    Pair(
        "ruby/bigdecimal-left-the-standard-library",
        *_RUBIES,
        Truth.WORKS,
        (shell('ruby -rbigdecimal -e \'puts BigDecimal("1.5").to_s("F")\'', prints="1.5"),),
        "ARG BASE\nFROM ${BASE}\nENV APP=1\nRUN touch /srv/app\n",
    ),
)
