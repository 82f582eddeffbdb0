package io.clutch.examples;

/**
 * What {@code progress} works through.
 *
 * @param steps how many steps
 * @param millis how long each takes
 */
record Steps(int steps, long millis) {}
