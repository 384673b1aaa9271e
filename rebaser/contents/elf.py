"""What a program or library says that it needs and gives: the dynamic section of an ELF file.

System V gABI chapters 4 and 5, the GNU extensions for symbol versions and notes. Read from the parts of the file that
a loader reads, never from sections, which may be stripped.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rebaser.contents.symbol_set import SymbolSet

Required: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""By library: the versions of symbols that must be in it."""

MACHINES = {
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC 64",
    22: "S/390",
    40: "ARM",
    62: "x86-64",
    183: "AArch64",
    243: "RISC-V",
    258: "LoongArch",
}


@dataclass(frozen=True, slots=True)
class Elf:
    """A program or library.

    `machine` is the number of the gABI, `bits` 32 or 64. `interpreter` is the loader that a program names; `needed` are
    the libraries, by the names under which they are looked for. `required` and `provided` are versions of symbols.
    `undefined` are the names of strong symbols that others must have, in no version, where names were kept; `defined`
    those that a library without versions gives: with versions, `required` and `provided` tell enough. `loads` are names
    of libraries that stand in it as texts, as those do that a program loads while it runs. `kernel` is the
    oldest Linux that a C library runs on, `isa_needed` the x86 levels that it needs (1 baseline, 2 v2, 4 v3, 8 v4).
    """

    bits: int
    byte_order: Literal["little", "big"]
    machine: int
    kind: Literal["executable", "shared", "other"]
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: str = ""
    runpath: str = ""
    required: Required = ()
    provided: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()
    defined: SymbolSet | None = None
    loads: tuple[str, ...] = ()
    kernel: tuple[int, ...] = ()
    isa_needed: int = 0

    @property
    def machine_name(self) -> str:
        """Return the machine as people call it."""
        return MACHINES.get(self.machine, f"machine {self.machine}")
