/**
 * The child's side of supervision: its place, its stream to the supervisor, its report of hangs.
 */
@NullMarked
package io.clutch.worker.internal.supervised;

import org.jspecify.annotations.NullMarked;
