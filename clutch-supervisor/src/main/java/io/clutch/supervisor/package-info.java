/** The process manager: keeps a pool of worker processes behind one port. */
@NullMarked
package io.clutch.supervisor;

import org.jspecify.annotations.NullMarked;
