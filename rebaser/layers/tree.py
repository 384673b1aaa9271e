"""What lies below a directory, however deep: nothing recurses."""

from collections.abc import Iterator, Mapping


def paths_below(path: str, children: Mapping[str, Mapping[str, None]]) -> Iterator[str]:
    """Yield the paths below a directory, each directory before what is in it."""
    begun = [(f"{path}/" if path else "", iter(children.get(path, ())))]
    while begun:
        above, names = begun[-1]
        name = next(names, None)
        if name is None:
            begun.pop()
            continue
        inner = above + name
        yield inner
        if inner in children:
            begun.append((f"{inner}/", iter(children[inner])))
