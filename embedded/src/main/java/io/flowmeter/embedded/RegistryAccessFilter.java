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
 * Who the registry answers: the same callers as our own listeners. Apicurio has no setting for that
 * and takes no filter from outside, but Netty, on which it stands, asks an extension that is found
 * as a service about each connection that its servers take. Runs in the registry's process only.
 */
public final class RegistryAccessFilter extends ChannelInitializerExtension {
  private static final Callers CALLERS = new Callers(Loopback.HOST);

  /** More than the server takes. */
  private static final int LONGEST_HEAD = 65_536;

  private static final int LONGEST_CHUNK = 8_192;

  private static final byte[] REFUSAL = refusal();

  private static byte[] refusal() {
    String text = "Ask by this machine's address, and not from another site's page.\n";
    return ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(text.length(), text))
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void postInitializeServerChildChannel(Channel connection) {
    connection.pipeline().addFirst(new Check());
  }

  /**
   * Lets what comes through while it is requests of welcome callers; after another one, or what is
   * no request of HTTP/1, nothing more. It reads along by itself, for the server decides late and
   * in its own way what it takes the bytes for.
   */
  private static final class Check extends ChannelInboundHandlerAdapter {
    private final EmbeddedChannel reading =
        new EmbeddedChannel(new HttpRequestDecoder(LONGEST_HEAD, LONGEST_HEAD, LONGEST_CHUNK));

    private boolean refused;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!refused && !(message instanceof ByteBuf bytes && allWelcome(bytes))) {
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

    private boolean allWelcome(ByteBuf bytes) {
      reading.writeInbound(bytes.retainedDuplicate());
      boolean welcome = true;
      for (HttpObject read = reading.readInbound(); read != null; read = reading.readInbound()) {
        welcome &=
            read.decoderResult().isSuccess()
                && !(read instanceof HttpRequest request && !isWelcome(request));
        ReferenceCountUtil.release(read);
      }
      return welcome;
    }

    private static boolean isWelcome(HttpRequest request) {
      return CALLERS.welcome(request.headers()::getAll);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      reading.finishAndReleaseAll();
    }
  }
}
