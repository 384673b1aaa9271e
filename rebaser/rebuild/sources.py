"""Which source the labels of an image lead to, and whether it may be built.

Labels of the OCI image-spec's annotations.md, source and revision.
"""

from collections.abc import Collection, Mapping
from typing import Final

from rebaser.context import GitRepository, GitSource, is_commit, parse_repository
from rebaser.errors import RebuildError
from rebaser.printable import printable

SOURCE: Final = "org.opencontainers.image.source"
REVISION: Final = "org.opencontainers.image.revision"


def automatic_source(
    app: Mapping[str, str],
    old_base: Mapping[str, str] | None,
    running: GitRepository | None,
    allowed: Collection[GitRepository],
) -> GitSource:
    """Return the source that the labels of an image name, if it is one that may be fetched and built.

    A label is the application's own only if the old base says something else: labels are inherited. Without the labels
    of the old base nothing is known to be its own. `running` is the repository whose job this is.

    Raises:
        RebuildError: a label is missing, inherited, no commit, or names a repository that nobody allowed.
    """
    if old_base is None:
        raise _refused("the old base's labels are not known, and so it is not known which ones are the image's own")
    values = {}
    for key in (SOURCE, REVISION):
        if not app.get(key):
            raise _refused(f"the image has no label {key}")
        if app[key] == old_base.get(key):
            raise _refused(f"its label {key} may be the base's: both say {app[key]}")
        values[key] = app[key]
    if not is_commit(values[REVISION]):
        raise _refused(f"its label {REVISION} is no full commit id: {values[REVISION]}")
    try:
        repository = parse_repository(values[SOURCE])
    except ValueError as error:
        raise _refused(f"its label {SOURCE}: {error}") from error
    if repository != running and repository not in allowed:
        raise _refused(f"its label {SOURCE} names {repository}, which is not the repository of this job")
    return GitSource(repository, values[REVISION])


def _refused(why: str) -> RebuildError:
    message = f"The image's labels lead to no source: {printable(why)}"
    remedy = "Name the source in `context`, or list its repository in `allowed-sources`."
    return RebuildError("source-refused", message, remedy)
