"""Variables."""

from tests.integration.rules.model import Rule, Settings

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _env(*values: str, path: str = PATH) -> Settings:
    return {"Env": [f"PATH={path}", *values]}


RULES = (
    Rule(
        "a variable keeps the new base's place, others come in the order in which the app set them first",
        old="ENV A=1 B=2 GONE=old C=3 SAME=s",
        new="ENV C=33 NEW=n A=11 B=2 LATE=l",
        app="ENV B=app X=1 GONE=app SAME=s A=1 Y=$A-$C\nENV NEW=app LATE=l\nENV X=2",
        rebuilt=_env("C=33", "NEW=app", "A=1", "B=app", "LATE=l", "X=2", "GONE=app", "SAME=s", "Y=11-33"),
    ),
    Rule(
        "a variable that the app sets to the old base's value stays",
        old="ENV A=1 B=2",
        new="ENV A=2 B=3",
        app="ENV A=1",
        rebuilt=_env("A=1", "B=3"),
    ),
    Rule(
        "a variable made out of the base's follows it",
        old="ENV PATH=/old:$PATH HOME_OF_J=/j17",
        new="ENV HOME_OF_J=/j21\nENV PATH=/new:$PATH",
        app="ENV PATH=/app:$PATH\nENV PATH=$PATH:/x CLASSPATH=$HOME_OF_J/lib:.",
        rebuilt=_env("HOME_OF_J=/j21", "CLASSPATH=/j21/lib:.", path=f"/app:/new:{PATH}:/x"),
    ),
    Rule(
        "a variable with blanks and quotes is taken as it is",
        old="ENV WORDS='one two'",
        new="ENV WORDS='three  four'",
        app="ENV QUOTED='a \"b\" c' OLD=$WORDS\nENV LONG old form, B=2",
        rebuilt=_env("WORDS=three  four", 'QUOTED=a "b" c', "OLD=three  four", "LONG=old form, B=2"),
    ),
    Rule("a base without variables gets PATH", old="", new="", app="ENV A=1", rebuilt=_env("A=1")),
)
