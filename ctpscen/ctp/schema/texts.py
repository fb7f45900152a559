"""Texts as CTP has them: bytes of GB18030, which may be cut anywhere."""

ENCODING = "gb18030"


class Fragment(str):
    """A text that was cut inside a character: `content` are its bytes, and what is no character shows as U+FFFD."""

    __slots__ = ("content",)
    content: bytes

    def __new__(cls, content: bytes) -> "Fragment":
        self = super().__new__(cls, content.decode(ENCODING, "replace"))
        self.content = content
        return self

    def __reduce__(self) -> tuple[type["Fragment"], tuple[bytes]]:
        return Fragment, (self.content,)
