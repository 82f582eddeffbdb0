package io.clutch.worker.internal.sockets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ConnectionGateTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final String BEGINNING = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0";

  private final Logger logger = (Logger) LoggerFactory.getLogger(ConnectionGate.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private ConnectionGate gate;

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
  }

  @AfterEach
  void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    logger.detachAppender(log);
    logger.setAdditive(true);
  }

  private List<String> warnings() {
    return log.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private void gate(int maxConnections, boolean isTls) {
    gate = new ConnectionGate(maxConnections, TIMEOUT, isTls);
  }

  /** A client connects; the handlers are those of the server behind the gate. */
  private EmbeddedChannel connect(ChannelHandler... handlers) throws Exception {
    EmbeddedChannel listening = keep(new EmbeddedChannel(gate));
    EmbeddedChannel connection =
        keep(
            new EmbeddedChannel(
                DefaultChannelId.newInstance(),
                false,
                false,
                new ChannelInitializer<EmbeddedChannel>() {
                  @Override
                  protected void initChannel(EmbeddedChannel channel) {
                    channel.pipeline().addLast(handlers);
                  }
                }));
    listening.writeInbound(connection);
    connection.register();
    return connection;
  }

  private EmbeddedChannel keep(EmbeddedChannel channel) {
    channels.add(channel);
    return channel;
  }

  private EmbeddedChannel connectAndSay(String words) throws Exception {
    EmbeddedChannel connection = connect();
    say(connection, words);
    return connection;
  }

  private static void say(EmbeddedChannel connection, String words) {
    connection.writeInbound(Unpooled.copiedBuffer(words, ISO_8859_1));
  }

  private static void pass(EmbeddedChannel connection, Duration time) {
    connection.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    connection.runPendingTasks();
  }

  @Test
  void whatIsSaidPassesUnchanged() throws Exception {
    gate(1, false);
    EmbeddedChannel connection = connect();

    say(connection, BEGINNING.substring(0, 10));
    say(connection, BEGINNING.substring(10) + "more");
    say(connection, "and more");

    StringBuilder passed = new StringBuilder();
    for (ByteBuf part = connection.readInbound(); part != null; part = connection.readInbound()) {
      passed.append(part.toString(ISO_8859_1));
      part.release();
    }
    assertThat(passed).hasToString(BEGINNING + "moreand more");
  }

  @Test
  void aConnectionThatSaysNothingIsClosedAfterTheTimeout() throws Exception {
    gate(2, false);
    EmbeddedChannel silent = connect();

    pass(silent, TIMEOUT.minusMillis(1));
    assertThat(silent.isOpen()).isTrue();
    pass(silent, Duration.ofMillis(1));

    assertThat(silent.isOpen()).isFalse();
    assertThat(gate.open()).isZero();
  }

  @Test
  void oneThatDoesNotSayEnoughIsClosedTooHoweverOftenItSaysSomething() throws Exception {
    gate(2, false);
    EmbeddedChannel slow = connect();

    for (int i = 0; i < BEGINNING.length() - 1; i++) {
      say(slow, BEGINNING.substring(i, i + 1));
    }
    pass(slow, TIMEOUT);

    assertThat(slow.isOpen()).isFalse();
  }

  @Test
  void oneThatIsSetUpStays() throws Exception {
    gate(2, false);
    EmbeddedChannel connection = connectAndSay(BEGINNING);

    pass(connection, TIMEOUT.multipliedBy(1_000));

    assertThat(connection.isOpen()).isTrue();
    assertThat(gate.open()).isEqualTo(1);
  }

  @Test
  void aFurtherConnectionIsClosedWhereAllAreSetUp() throws Exception {
    gate(2, false);
    EmbeddedChannel one = connectAndSay(BEGINNING);
    EmbeddedChannel two = connectAndSay(BEGINNING);

    EmbeddedChannel third = connect();

    assertThat(third.isOpen()).isFalse();
    assertThat(one.isOpen()).isTrue();
    assertThat(two.isOpen()).isTrue();
    assertThat(gate.open()).isEqualTo(2);
    assertThat(warnings())
        .containsExactly(
            "2 connections are open, which is the limit (maxConnections); 0 of them are not set up"
                + " yet and give way to new ones");
  }

  @Test
  void aFurtherConnectionTakesThePlaceOfTheOldestThatIsNotSetUp() throws Exception {
    gate(3, false);
    EmbeddedChannel setUp = connectAndSay(BEGINNING);
    EmbeddedChannel oldest = connectAndSay("PRI");
    EmbeddedChannel younger = connect();

    EmbeddedChannel further = connectAndSay(BEGINNING);

    assertThat(oldest.isOpen()).isFalse();
    assertThat(setUp.isOpen()).isTrue();
    assertThat(younger.isOpen()).isTrue();
    assertThat(further.isOpen()).isTrue();
    assertThat(gate.open()).isEqualTo(3);

    EmbeddedChannel another = connect();
    assertThat(younger.isOpen()).isFalse();
    assertThat(another.isOpen()).isTrue();
    assertThat(gate.open()).isEqualTo(3);
  }

  @Test
  void aConnectionThatEndsMakesRoom() throws Exception {
    gate(1, false);
    EmbeddedChannel first = connectAndSay(BEGINNING);
    assertThat(connect().isOpen()).isFalse();

    var unused = first.close();

    assertThat(gate.open()).isZero();
    assertThat(connectAndSay(BEGINNING).isOpen()).isTrue();
    assertThat(gate.open()).isEqualTo(1);
  }

  @Test
  void hundredsThatSayNothingKeepOutNobodyWhoDoes() throws Exception {
    gate(10, false);
    List<EmbeddedChannel> clients = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      EmbeddedChannel unused = connect();
      if (i % 100 == 0) {
        clients.add(connectAndSay(BEGINNING));
      }
    }

    assertThat(clients).hasSize(5).allMatch(EmbeddedChannel::isOpen);
    assertThat(gate.open()).isEqualTo(10);
    assertThat(warnings().size()).isLessThanOrEqualTo(5);
  }

  @Test
  void aServerThatClosesInTheMiddleOfTheFirstWordsDisturbsNothing() throws Exception {
    gate(1, false);
    EmbeddedChannel connection = connect(new ClosesAtOnce());

    say(connection, BEGINNING);

    assertThat(connection.isOpen()).isFalse();
    connection.checkException();
    assertThat(gate.open()).isZero();
  }

  private static final class ClosesAtOnce extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ((ByteBuf) message).release();
      var unused = context.close();
    }
  }

  @Test
  void withTlsAConnectionIsSetUpWhenSomethingComesBehindTheHandshake() throws Exception {
    gate(1, true);
    EmbeddedChannel server = connect(serverTls());
    EmbeddedChannel client = keep(new EmbeddedChannel(clientTls()));

    shakeHands(client, server);
    assertThat(client.pipeline().get(SslHandler.class).handshakeFuture().isSuccess()).isTrue();
    client.writeOutbound(Unpooled.copiedBuffer(BEGINNING, ISO_8859_1));
    carry(client, server);
    pass(server, TIMEOUT.multipliedBy(2));

    assertThat(server.isOpen()).isTrue();
    assertThat(connect(serverTls()).isOpen()).isFalse();
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void withTlsHalfAHandshakeIsNotEnough() throws Exception {
    gate(1, true);
    EmbeddedChannel server = connect(serverTls());
    EmbeddedChannel client = keep(new EmbeddedChannel(clientTls()));
    // The client's first words are far longer than it takes in plaintext.
    assertThat(carry(client, server)).isGreaterThan(BEGINNING.length());

    EmbeddedChannel next = connect(serverTls());

    assertThat(server.isOpen()).isFalse();
    assertThat(next.isOpen()).isTrue();
    pass(next, TIMEOUT);
    assertThat(next.isOpen()).isFalse();
  }

  @Test
  void aHandshakeThatFailsIsToldOfOnOneLineWithoutAllOfWhatCame() throws Exception {
    gate(2, true);
    EmbeddedChannel server = connect(serverTls());

    try {
      say(server, "GET / HTTP/1.1\r\n" + "x".repeat(5_000));
    } catch (Exception e) {
      assertThat(e).hasMessageContaining("not an SSL/TLS record");
    }

    assertThat(server.isOpen()).isFalse();
    assertThat(warnings()).hasSize(1);
    assertThat(warnings().get(0))
        .startsWith("the TLS handshake with embedded failed: not an SSL/TLS record: 474554")
        .hasSizeLessThan(400);
  }

  @Test
  void aClientThatGoesInTheMiddleOfTheHandshakeIsToldOfInWords() throws Exception {
    gate(2, true);
    EmbeddedChannel server = connect(serverTls());
    EmbeddedChannel client = keep(new EmbeddedChannel(clientTls()));
    carry(client, server);

    var unused = server.close();

    assertThat(warnings())
        .containsExactly("the TLS handshake with embedded failed: the connection was closed");
  }

  private static void shakeHands(EmbeddedChannel client, EmbeddedChannel server) {
    int carried;
    do {
      carried = carry(client, server) + carry(server, client);
    } while (carried > 0);
  }

  /** Brings what one has written to the other. */
  private static int carry(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    int bytes = 0;
    for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
      bytes += part.readableBytes();
      to.writeInbound(part);
    }
    return bytes;
  }

  private static ChannelHandler serverTls() throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SslContext context =
        SslContextBuilder.forServer(bundle.getKeyPair().getPrivate(), bundle.getCertificatePath())
            .build();
    return context.newHandler(UnpooledByteBufAllocator.DEFAULT);
  }

  /** Trusts everyone. */
  private static ChannelHandler clientTls() throws Exception {
    return SslContextBuilder.forClient()
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .build()
        .newHandler(UnpooledByteBufAllocator.DEFAULT);
  }
}
