package io.flowmeter.embedded;

import io.flowmeter.http.Callers;
import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * Applies the caller checks of Flowmeter's own listeners to the registry. Apicurio has no setting
 * and no hook for that. Netty, on which it is built, loads an extension as a service and calls it
 * for each accepted connection. Runs in the registry's process only.
 */
public final class RegistryAccessFilter extends ChannelInitializerExtension {
  private static final Callers CALLERS = new Callers(Loopback.HOST);

  /** More than the server's limit. */
  private static final int MAX_HEAD = 65_536;

  private static final int MAX_CHUNK = 8_192;

  private static final byte[] REFUSAL = refusal();

  private static byte[] refusal() {
    String text =
        "Use this machine's address, and do not send requests from another site's page.\n";
    return ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(text.length(), text))
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void postInitializeServerChildChannel(Channel connection) {
    connection.pipeline().addFirst(new Check());
  }

  /**
   * Passes bytes through while they are requests of accepted callers. After another request, or
   * after bytes that are not an HTTP/1 request, it passes nothing more. It decodes the bytes
   * itself, because the server determines the protocol late and by its own rules.
   */
  private static final class Check extends ChannelInboundHandlerAdapter {
    private final EmbeddedChannel decoder =
        new EmbeddedChannel(new HttpRequestDecoder(MAX_HEAD, MAX_HEAD, MAX_CHUNK));

    private boolean refused;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!refused && !(message instanceof ByteBuf bytes && allAccepted(bytes))) {
        refused = true;
        context
            .writeAndFlush(Unpooled.wrappedBuffer(REFUSAL))
            .addListener(ChannelFutureListener.CLOSE);
      }
      if (refused) {
        ReferenceCountUtil.release(message);
      } else {
        context.fireChannelRead(message);
      }
    }

    private boolean allAccepted(ByteBuf bytes) {
      decoder.writeInbound(bytes.retainedDuplicate());
      boolean accepted = true;
      for (HttpObject read = decoder.readInbound(); read != null; read = decoder.readInbound()) {
        accepted &=
            read.decoderResult().isSuccess()
                && !(read instanceof HttpRequest request && !isAccepted(request));
        ReferenceCountUtil.release(read);
      }
      return accepted;
    }

    private static boolean isAccepted(HttpRequest request) {
      return CALLERS.accepts(request.headers()::getAll);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      decoder.finishAndReleaseAll();
    }
  }
}
