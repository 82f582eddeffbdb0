package io.clutch.worker;

/**
 * Which attempt at which job a call is.
 *
 * @param number from 1
 */
record JobAttempt(String jobId, int number) {}
