package io.clutch.worker;

import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;

/**
 * Where this process takes calls from its siblings.
 *
 * @param path of the private socket, which must be free
 * @param loops the network's threads
 */
record SiblingSocket(Path path, EventLoopGroup loops) {}
