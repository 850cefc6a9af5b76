package io.github.purebpf.redirect;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** As much of HTTP/2 as it takes to open a stream of gRPC, and to end it with a status. */
final class Http2Frame {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int SETTINGS = 4;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  /** What a client begins a connection with. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int HEAD = 9;
  private static final int MOST = 16_384;

  // HPACK: entries of its static table, and a literal that is put into no table.
  private static final int STATUS_200 = 0x88;
  private static final int METHOD_POST = 0x83;
  private static final int SCHEME_HTTP = 0x86;
  private static final int PATH_IS = 0x04;
  private static final int LITERAL = 0x00;

  private final int type;
  private final int flags;
  private final int stream;
  private final byte[] payload;

  private Http2Frame(int type, int flags, int stream, byte[] payload) {
    this.type = type;
    this.flags = flags;
    this.stream = stream;
    this.payload = payload;
  }

  int type() {
    return type;
  }

  int flags() {
    return flags;
  }

  int stream() {
    return stream;
  }

  /** A frame of settings that sets nothing. */
  static Http2Frame settings(int flags) {
    return new Http2Frame(SETTINGS, flags, 0, new byte[0]);
  }

  /** The head of a request. */
  static Http2Frame request(int stream, String path) {
    var block = ByteBuffer.allocate(MOST).put((byte) METHOD_POST).put((byte) SCHEME_HTTP);
    text(block.put((byte) PATH_IS), path);
    literal(block, "content-type", "application/grpc");
    literal(block, "te", "trailers");
    return headers(stream, END_HEADERS, block);
  }

  /** The head of an answer. */
  static Http2Frame answer(int stream) {
    var block = ByteBuffer.allocate(MOST).put((byte) STATUS_200);
    literal(block, "content-type", "application/grpc");
    return headers(stream, END_HEADERS, block);
  }

  /** The end of an answer that has begun. */
  static Http2Frame end(int stream, int status) {
    var block = ByteBuffer.allocate(MOST);
    literal(block, "grpc-status", Integer.toString(status));
    return headers(stream, END_HEADERS | END_STREAM, block);
  }

  /** An answer that ends with its head. */
  static Http2Frame refusal(int stream, int status) {
    var block = ByteBuffer.allocate(MOST).put((byte) STATUS_200);
    literal(block, "content-type", "application/grpc");
    literal(block, "grpc-status", Integer.toString(status));
    return headers(stream, END_HEADERS | END_STREAM, block);
  }

  /** A message of gRPC. */
  static Http2Frame message(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    var payload = ByteBuffer.allocate(5 + bytes.length).put((byte) 0).putInt(bytes.length);
    return new Http2Frame(DATA, 0, stream, payload.put(bytes).array());
  }

  private static Http2Frame headers(int stream, int flags, ByteBuffer block) {
    byte[] bytes = new byte[block.flip().remaining()];
    block.get(bytes);
    return new Http2Frame(HEADERS, flags, stream, bytes);
  }

  private static void literal(ByteBuffer block, String name, String value) {
    text(block.put((byte) LITERAL), name);
    text(block, value);
  }

  private static void text(ByteBuffer block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    block.put((byte) bytes.length).put(bytes); // below 127, and not Huffman's
  }

  /** The text of a {@link #message}. */
  String text() {
    return new String(payload, 5, payload.length - 5, StandardCharsets.US_ASCII);
  }

  /** Whether it is the end of a stream with a status. */
  boolean ends(int status) {
    var end = "grpc-status" + (char) 1 + status;
    return type == HEADERS
        && (flags & END_STREAM) != 0
        && new String(payload, StandardCharsets.ISO_8859_1).endsWith(end);
  }

  void write(OutputStream out) throws IOException {
    var frame = ByteBuffer.allocate(HEAD + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    out.write(frame.array());
  }

  static void writePreface(OutputStream out) throws IOException {
    out.write(PREFACE);
  }

  static void readPreface(InputStream in) throws IOException {
    if (!Arrays.equals(in.readNBytes(PREFACE.length), PREFACE)) {
      throw new IOException("this is not HTTP/2");
    }
  }

  /** The next one; empty if the other side has ended the connection in order. */
  static Optional<Http2Frame> read(InputStream in) throws IOException {
    byte[] head = in.readNBytes(HEAD);
    if (head.length == 0) {
      return Optional.empty();
    }
    if (head.length < HEAD) {
      throw new EOFException("within a frame");
    }
    var fields = ByteBuffer.wrap(head);
    int length = Byte.toUnsignedInt(fields.get()) << 16 | Short.toUnsignedInt(fields.getShort());
    if (length > MOST) {
      throw new IOException("a frame of " + length + " bytes");
    }
    int type = fields.get();
    int flags = fields.get();
    byte[] payload = new byte[length];
    new DataInputStream(in).readFully(payload);
    return Optional.of(new Http2Frame(type, flags, fields.getInt(), payload));
  }
}
