/** Which call runs when: admission, the queue, the function threads, the time limit. */
@NullMarked
package io.clutch.worker.internal.dispatch;

import org.jspecify.annotations.NullMarked;
