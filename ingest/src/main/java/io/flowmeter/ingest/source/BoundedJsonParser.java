package io.flowmeter.ingest.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.ContentReference;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.json.UTF8StreamJsonParser;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.TextBuffer;
import io.flowmeter.ingest.privacy.LongText;
import java.io.IOException;
import java.io.InputStream;

/**
 * Makes parsers of JSON in UTF-8 that hold little, whatever comes. Jackson's own hold all of a text
 * that is read, and the names of all fields that are skipped: of outputs with customers for keys, a
 * million.
 */
final class BoundedJsonParser extends JsonFactory {
  private static final long serialVersionUID = 1L;

  BoundedJsonParser(JsonFactoryBuilder settings) {
    super(settings);
  }

  @Override
  protected IOContext _createContext(ContentReference content, boolean managed) {
    return new IOContext(
        _streamReadConstraints,
        _streamWriteConstraints,
        _errorReportConfiguration,
        _getBufferRecycler(),
        content,
        managed) {
      @Override
      public TextBuffer constructReadConstrainedTextBuffer() {
        return new Beginning(bufferRecycler());
      }
    };
  }

  @Override
  protected JsonParser _createParser(InputStream body, IOContext context) {
    return new Skipping(
        context,
        _parserFeatures,
        body,
        _byteSymbolCanonicalizer.makeChildOrPlaceholder(_factoryFeatures));
  }

  /**
   * The beginning of a text. An error message can have any length, and is cut to {@link
   * LongText#MOST_BYTES} anyway: once the first segments hold enough, one takes all that comes.
   */
  private static final class Beginning extends TextBuffer {
    /** Twice what is kept, so that a text of which not all is held is certainly cut. */
    private static final int MOST_CHARS = 2 * LongText.MOST_BYTES;

    Beginning(BufferRecycler segments) {
      super(segments);
    }

    @Override
    public char[] finishCurrentSegment() throws IOException {
      return size() < MOST_CHARS ? super.finishCurrentSegment() : getCurrentSegment();
    }
  }

  /**
   * Skips objects and arrays by their brackets alone, at any depth. What is between is not checked
   * but for its texts, which may hold brackets; a body that ends too early is found out.
   */
  private static final class Skipping extends UTF8StreamJsonParser {
    Skipping(IOContext context, int features, InputStream body, ByteQuadsCanonicalizer names) {
      super(context, features, body, null, names, context.allocReadIOBuffer(), 0, 0, 0, true);
    }

    @Override
    public JsonParser skipChildren() throws IOException {
      if (_currToken != JsonToken.START_OBJECT && _currToken != JsonToken.START_ARRAY) {
        return this;
      }
      for (int open = 1; open > 0; ) {
        switch (nextByte()) {
          case '{', '[' -> open++;
          case '}', ']' -> open--;
          case '"' -> _skipString();
          default -> {}
        }
      }
      _parsingContext = _parsingContext.getParent();
      _currToken =
          _currToken == JsonToken.START_OBJECT ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
      return this;
    }

    private byte nextByte() throws IOException {
      if (_inputPtr >= _inputEnd) {
        _loadMoreGuaranteed();
      }
      return _inputBuffer[_inputPtr++];
    }
  }
}
