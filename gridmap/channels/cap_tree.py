"""Elements of an XML message, read without document types, entities or anything from outside."""

from dataclasses import dataclass, field
from xml.parsers import expat

MOST_BYTES = 1_000_000
_DEEPEST = 12
_MOST_ELEMENTS = 20_000
_BETWEEN = "\n"  # cannot stand in a namespace or a name


class CapError(Exception):
    """What is wrong with a message: places and words."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {message}" for place, message in faults))
        self.faults = faults


@dataclass
class Node:
    """One element of the message's own namespace."""

    name: str
    children: list["Node"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Words of the element without the white space around them."""
        return "".join(self.pieces).strip()

    def named(self, name: str) -> list["Node"]:
        """Give the elements of a name right below this one."""
        return [child for child in self.children if child.name == name]

    def texts(self, name: str) -> list[str]:
        """Give the words of the elements of a name, without those that have none."""
        return [child.text for child in self.named(name) if child.text]


def parse(data: bytes, namespace: str) -> Node:
    """Read a message whose root is `alert`; elements of other namespaces are passed over.

    Raises
    ------
    CapError
        For XML that is none, is too large or too deep, or names a document type.
    """
    if len(data) > MOST_BYTES:
        raise CapError([("body", f"a message has at most {MOST_BYTES:,} bytes")])
    builder = _Builder(namespace)
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.words
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        why = expat.errors.messages.get(error.code, "no XML")
        raise CapError([("body", f"line {error.lineno}: {why}")]) from None
    except (LookupError, ValueError):
        raise CapError([("body", "the encoding is not known here; send UTF-8")]) from None
    if builder.root is None or builder.root.name != "alert":
        raise CapError([("body", f"an alert of {namespace} is needed")])
    return builder.root


def _refuse_doctype(*_parts: object) -> None:
    raise CapError([("body", "a document type is not taken, and no entities with it")])


class _Builder:
    """Builds the tree, element by element."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.root: Node | None = None
        self.open: list[Node | None] = []
        self.count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > _MOST_ELEMENTS or len(self.open) >= _DEEPEST:
            raise CapError([("body", "too many elements, or too deep")])
        space, _, local = name.rpartition(_BETWEEN)
        above = self.open[-1] if self.open else None
        # a signature and the like; nothing below it is read either
        foreign = space != self.namespace or (bool(self.open) and above is None)
        node = None if foreign else Node(local)
        if node is not None and above is not None:
            above.children.append(node)
        if node is not None and not self.open:
            self.root = node
        self.open.append(node)

    def end(self, _name: str) -> None:
        self.open.pop()

    def words(self, text: str) -> None:
        if self.open and self.open[-1] is not None:
            self.open[-1].pieces.append(text)
