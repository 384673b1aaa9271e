"""Where the parts of a shell script end: patterns, arithmetic, redirections and the heads of definitions."""

from rebaser.contents.shell_words import Operator, Token, Word


def is_operator(token: Token, operator: str) -> bool:
    """Answer whether `token` is that operator."""
    return isinstance(token, Operator) and token.text == operator


def numbers_redirection(script: tuple[Token, ...], at: int) -> bool:
    """Answer whether the word is the number of what is redirected, as in `2>log`."""
    word, following = script[at], script[at + 1 : at + 2]
    return (
        word.text.isdigit() and bool(following) and isinstance(following[0], Operator) and following[0].text[0] in "<>"
    )


def is_definition(script: tuple[Token, ...], at: int) -> bool:
    """Answer whether the word at `at` is the name of a function that is defined there."""
    return at + 2 < len(script) and is_operator(script[at + 1], "(") and is_operator(script[at + 2], ")")


def close(branches: list[bool], *, is_case: bool) -> None:
    """Take away the innermost open case, or parenthesis, if it is one."""
    if branches and branches[-1] == is_case:
        branches.pop()


def past(script: tuple[Token, ...], at: int, word: str) -> int:
    """Return where the text after the next `word` begins."""
    while at < len(script):
        token = script[at]
        at += 1
        if isinstance(token, Word) and token.bare and token.text == word:
            break
    return at


def skip_patterns(script: tuple[Token, ...], at: int) -> int:
    """Return where the commands of the next branch of a case begin, or where its `esac` is."""
    while at < len(script) and (is_operator(script[at], "\n") or is_operator(script[at], "(")):
        at += 1
    while at < len(script):
        token = script[at]
        if isinstance(token, Word) and token.bare and token.text == "esac":
            return at
        at += 1
        if is_operator(token, ")"):
            return at
    return at


def skip_arithmetic(script: tuple[Token, ...], at: int) -> int:
    """Return where the text after the parentheses that open here begins."""
    level = 0
    while at < len(script):
        level += is_operator(script[at], "(") - is_operator(script[at], ")")
        at += 1
        if not level:
            break
    return at
