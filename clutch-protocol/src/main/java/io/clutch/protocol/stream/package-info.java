/** What both ends of a call stream need: messages of many items, payloads in parts, and lines. */
@NullMarked
package io.clutch.protocol.stream;

import org.jspecify.annotations.NullMarked;
