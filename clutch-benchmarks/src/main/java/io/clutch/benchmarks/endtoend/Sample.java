package io.clutch.benchmarks.endtoend;

/**
 * What one round showed of one contestant under one load.
 *
 * @param rate calls a second
 * @param p50 how long a call takes, in microseconds; NaN where that was not looked at
 * @param p99 what 99 % stay within
 * @param p999 what 99.9 % stay within
 * @param clientCpu the client's processor time for a call, in microseconds
 * @param workerCpu the workers' and their supervisor's
 * @param residentBytes their memory, all together
 * @param failed how many calls failed
 */
record Sample(
    double rate,
    double p50,
    double p99,
    double p999,
    double clientCpu,
    double workerCpu,
    double residentBytes,
    long failed) {}
