"""Frames come in whatever portions a socket gives, and none is longer than any may be."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.program.serving.frames import LONGEST, BadFrame, Frame, Kind, Reader, frame

frames = st.builds(
    Frame,
    st.sampled_from(list(Kind)),
    st.integers(0, 2**16 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.binary(max_size=300),
)


@given(st.lists(frames, max_size=5), st.integers(1, 40))
def test_frames_come_out_as_they_went_in(sent: list[Frame], portion: int) -> None:
    content = b"".join(frame(Kind(each.kind), each.body, slot=each.slot, value=each.value) for each in sent)
    reader, found = Reader(), list[Frame]()
    for start in range(0, len(content), portion):
        found += reader.feed(content[start : start + portion])
    assert found == sent


def test_a_frame_that_is_too_long_is_none() -> None:
    with pytest.raises(BadFrame, match="1048577 bytes"):
        list(Reader().feed(struct.pack("=IHHi", LONGEST + 1, Kind.CALL, 0, 0)))
