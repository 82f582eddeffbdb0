/**
 * What workers and supervisors share as processes: signals, inherited sockets, descriptors,
 * Unix-domain sockets. Public for Clutch's own modules; no promise to anyone else.
 */
@NullMarked
package io.clutch.process;

import org.jspecify.annotations.NullMarked;
