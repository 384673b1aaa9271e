"""From which layers, and on which base, an application starts whose layers an earlier rebase had to change.

The recorded layers were made on an older base, of which nothing is left. What they tell of it, and the present ones
show, is put into the base that is there; if changing the recorded layers then gives the present ones, that was it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rebaser.layers.entry import Entry, Kind, parents_of, same_access, same_content
from rebaser.layers.filesystem import FileSystem, Node
from rebaser.layers.index import LayerIndex
from rebaser.plan.adapted import through
from rebaser.plan.places import named
from rebaser.plan.rewriting import rewriting
from rebaser.plan.sources import Source


@dataclass(frozen=True, slots=True)
class Start:
    """The base as the layers know it, and their indexes.

    `borrowed` are files of that base that only the original still has, with their paths there; `turned` are
    directories of it that the present base has as links.
    """

    old: FileSystem
    app: tuple[LayerIndex, ...]
    borrowed: Mapping[str, str] = field(default_factory=dict)
    turned: Mapping[str, str] = field(default_factory=dict)

    def source(self, path: str) -> Source:
        """Return where the content of one of the base's files is to be had."""
        if path in self.borrowed:
            return Source("app", self.borrowed[path])
        return Source("old", through(self.turned, path))


def start(old: FileSystem, present: Sequence[LayerIndex], recorded: Sequence[LayerIndex]) -> Start | None:
    """Return how to start from the recorded layers; None where the present ones are not made of them.

    `old` is the base that the present ones stand on.
    """
    turned = dict(_turned(old, recorded))
    borrowed = dict(_borrowed(old, present, recorded, turned))
    base = _with_files(_with_directories(old, turned), borrowed)
    made = rewriting(base, recorded, old)
    if made.problems or not all(map(_is_same, made.layers, present)):
        return None
    return Start(base, tuple(recorded), {path: entry.path for path, entry in borrowed.items()}, turned)


def _turned(old: FileSystem, recorded: Iterable[LayerIndex]) -> Iterator[tuple[str, str]]:
    """Yield the links of the base that the recorded layers have as directories, with what they lead to."""
    directories = dict.fromkeys(
        directory for layer in recorded for path in named(layer) for directory in parents_of(path)
    )
    for directory in directories:
        entry, real = old.entry(directory), old.real_path(directory)
        if entry is not None and entry.kind is Kind.SYMLINK and real is not None and real in old.children:
            yield directory, real


def _borrowed(
    old: FileSystem, present: Sequence[LayerIndex], recorded: Sequence[LayerIndex], turned: Mapping[str, str]
) -> Iterator[tuple[str, Entry]]:
    """Yield what hard links joined that are files of their own now, with the entries of these."""
    for before, now in zip(recorded, present, strict=True):
        files = {entry.path: entry for entry in now.entries if entry.kind is Kind.FILE}
        for entry in before.entries if before is not now else ():
            place = through(turned, entry.path)
            if entry.kind is Kind.HARD_LINK and place in files and through(turned, entry.link) not in old:
                yield entry.link, files[place]


def _with_directories(old: FileSystem, turned: Mapping[str, str]) -> FileSystem:
    """Return the base with directories in the place of links, in which everything is that is where they lead."""
    nodes = dict(old.nodes)
    for directory, real in turned.items():
        nodes[directory] = _renamed(old.nodes[real], directory)
        for entry in old.below(real):
            path = directory + entry.path[len(real) :]
            nodes[path] = _renamed(old.nodes[entry.path], path)
    return _of_nodes(old, nodes) if turned else old


def _with_files(base: FileSystem, files: Mapping[str, Entry]) -> FileSystem:
    nodes = dict(base.nodes)
    for path, entry in files.items():
        for directory in parents_of(path):
            nodes.setdefault(directory, Node(Entry(directory, Kind.DIRECTORY, 0o755), 0))
        nodes[path] = Node(entry._replace(path=path), 0)
    return _of_nodes(base, nodes) if files else base


def _renamed(node: Node, path: str) -> Node:
    return Node(node.entry._replace(path=path), node.layer)


def _of_nodes(base: FileSystem, nodes: Mapping[str, Node]) -> FileSystem:
    children: dict[str, dict[str, None]] = {
        path: {} for path, node in nodes.items() if node.entry.kind is Kind.DIRECTORY
    }
    for path in nodes:
        if path:
            directory, _, name = path.rpartition("/")
            children.setdefault(directory, {})[name] = None
    return replace(base, nodes=nodes, children=children, _resolved={})


def _is_same(made: LayerIndex, present: LayerIndex) -> bool:
    """Answer whether two layers do the same, whatever the order."""
    ours, theirs = ({entry.path: entry for entry in layer.entries} for layer in (made, present))
    return (
        ours.keys() == theirs.keys()
        and all(same_content(entry, theirs[path]) and same_access(entry, theirs[path]) for path, entry in ours.items())
        and set(made.whiteouts) == set(present.whiteouts)
        and set(made.opaques) == set(present.opaques)
    )
