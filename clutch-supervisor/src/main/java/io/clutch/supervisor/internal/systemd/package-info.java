/** What systemd wants to be told. */
@NullMarked
package io.clutch.supervisor.internal.systemd;

import org.jspecify.annotations.NullMarked;
