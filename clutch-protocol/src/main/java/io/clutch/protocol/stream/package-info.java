/** What both ends of a call stream need: messages of many items, and payloads in parts. */
@NullMarked
package io.clutch.protocol.stream;

import org.jspecify.annotations.NullMarked;
