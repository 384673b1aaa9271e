"""Java and .NET: versions of class files and of runtimes, and where a runtime lies."""

from tests.images.pairs.ingredients import Classes
from tests.images.pairs.model import Pair, Truth, starts

_HELLO = """\
import com.sun.net.httpserver.HttpServer;
import java.net.*;
import java.net.http.*;

/** Serves one page and asks itself for it. */
public final class Hello {
    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8080), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes());
            exchange.close();
        });
        server.start();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:8080/")).build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
        System.exit(0);
    }
}
"""
_JAVA = 'ARG BASE\nFROM ${BASE}\nCOPY classes /srv/classes/\nCMD ["java", "-cp", "/srv/classes", "Hello"]\n'
_FIXED = _JAVA + 'COPY start /usr/local/bin/start\nCMD ["start"]\n'
_START = {"start": "#!/bin/sh\nexec /usr/lib/jvm/java-17-openjdk-amd64/bin/java -cp /srv/classes Hello\n"}
_LINKED = (
    _JAVA + "RUN ln -s /usr/lib/jvm/17 /opt/jre\nENV JAVA_HOME=/opt/jre PATH=/opt/jre/bin:$PATH\n"
    'CMD ["/opt/jre/bin/java", "-cp", "/srv/classes", "Hello"]\n'
)
_BY_HOME = _JAVA + 'CMD ["sh", "-c", "exec $JAVA_HOME/bin/java -cp /srv/classes Hello"]\n'
_OPTIONS = _JAVA + 'CMD ["sh", "-c", "java -XX:+UseBiasedLocking -cp /srv/classes Hello 2>/dev/null"]\n'
_SAYS = (starts(prints="hello"),)
_TWENTY_ONE = (Classes("Hello", _HELLO, 21),)
_JAR = 'ARG BASE\nFROM ${BASE}\nCOPY classes/app.jar /srv/\nCMD ["java", "-cp", "/srv/app.jar", "Hello"]\n'
_SEVENTEEN = (Classes("Hello", _HELLO, 17),)
_SHARED = """\
ARG BASE
FROM ${BASE}
COPY classes /srv/classes/
RUN cd /srv && java -Xshare:dump -XX:SharedArchiveFile=/srv/app.jsa > /dev/null 2>&1
CMD ["java", "-Xshare:on", "-XX:SharedArchiveFile=/srv/app.jsa", "-cp", "/srv/classes", "Hello"]
"""
_DOTNET = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY hello.cs /src/
RUN cd /src && mcs -out:hello.dll hello.cs
FROM ${BASE}
COPY hello.runtimeconfig.json /app/
COPY --from=compiler /src/hello.dll /app/
CMD ["dotnet", "/app/hello.dll"]
"""
_PROGRAM = """\
using System;
public static class Hello {
    public static void Main() { Console.WriteLine("hello " + (DateTime.MinValue.Year + 41)); }
}
"""
_CONFIG = """\
{"runtimeOptions": {"tfm": "netcoreapp2.1", "framework": {"name": "Microsoft.NETCore.App", "version": "2.1.0"}}}
"""
_APP = {"hello.cs": _PROGRAM, "hello.runtimeconfig.json": _CONFIG}
_ROLLING = _DOTNET.replace("CMD", "ENV DOTNET_ROLL_FORWARD=Major\nCMD")
_NUMBER = (starts(prints="hello 42"),)

PAIRS = (
    Pair("java/classes-upgraded", "java-17", "java-21", Truth.WORKS, _SAYS, _JAVA, {}, _SEVENTEEN),
    Pair("java/classes-old-enough-downgraded", "java-21", "java-17", Truth.WORKS, _SAYS, _JAVA, {}, _SEVENTEEN),
    Pair("java/classes-too-new-downgraded", "java-21", "java-17", Truth.BREAKS, _SAYS, _JAVA, {}, _TWENTY_ONE),
    Pair("java/jar-too-new-downgraded", "java-21", "java-17", Truth.BREAKS, _SAYS, _JAR, {}, _TWENTY_ONE),
    Pair("java/jar-upgraded", "java-17", "java-21", Truth.WORKS, _SAYS, _JAR, {}, _SEVENTEEN),
    Pair("java/home-from-the-base", "java-17", "java-21", Truth.WORKS, _SAYS, _BY_HOME, {}, _SEVENTEEN),
    Pair("java/path-with-version-in-a-script", "java-17", "java-21", Truth.BREAKS, _SAYS, _FIXED, _START, _SEVENTEEN),
    Pair("java/link-to-a-home-with-version", "java-17", "java-21", Truth.BREAKS, _SAYS, _LINKED, {}, _SEVENTEEN),
    Pair("java/option-that-was-removed", "java-17", "java-21", Truth.BREAKS, _SAYS, _OPTIONS, {}, _SEVENTEEN),
    Pair("java/archive-of-shared-classes", "java-17", "java-21", Truth.BREAKS, _SAYS, _SHARED, {}, _SEVENTEEN),
    Pair("dotnet/patch", "dotnet-2.1.20", "dotnet-2.1.23", Truth.WORKS, _NUMBER, _DOTNET, _APP),
    Pair("dotnet/next-major", "dotnet-2.1.23", "dotnet-3.1.23", Truth.BREAKS, _NUMBER, _DOTNET, _APP),
    Pair("dotnet/next-major-rolled-forward", "dotnet-2.1.23", "dotnet-3.1.23", Truth.WORKS, _NUMBER, _ROLLING, _APP),
    Pair("dotnet/without-libicu", "dotnet-2.1.20", "bookworm", Truth.BREAKS, _NUMBER, _DOTNET, _APP),
)
