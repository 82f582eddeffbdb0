/** Connections of clients, and the ways on which they are handed to children. */
@NullMarked
package io.clutch.supervisor.internal.net;

import org.jspecify.annotations.NullMarked;
