/** The control socket: what children and people say to the supervisor, and where they find it. */
@NullMarked
package io.clutch.supervisor.internal.control;

import org.jspecify.annotations.NullMarked;
