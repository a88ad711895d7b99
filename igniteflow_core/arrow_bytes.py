"""Arrow tables as bytes: a compressed stream, which reads back without a copy."""

import pyarrow as pa

_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


def table_to_bytes(table: pa.Table) -> bytes:
    """The table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSED) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def table_from_bytes(content: bytes | pa.Buffer) -> pa.Table:
    """The table that ``table_to_bytes`` wrote.

    Raises:
        pa.ArrowInvalid: the bytes are not an Arrow stream.
    """
    with pa.ipc.open_stream(content) as stream:
        return stream.read_all()
