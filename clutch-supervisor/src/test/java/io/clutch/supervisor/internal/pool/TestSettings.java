package io.clutch.supervisor.internal.pool;

import java.time.Duration;
import java.util.Random;

/** The settings of a simulated pool; what a test does not set does not get in its way. */
final class TestSettings {

  /** How long simulated children take to become ready. */
  static final Duration BOOT_TIME = Duration.ofSeconds(1);

  private final int maxWorkers;
  private Duration spawnInterval = Duration.ZERO;
  private Duration errRespawnInterval = Duration.ofSeconds(1);
  private Duration bootTimeout = Duration.ofSeconds(60);
  private Duration heartbeatTimeout = Duration.ofDays(1000);
  private Duration gracefulTimeout = Duration.ofSeconds(30);
  private Duration killGrace = Duration.ofSeconds(5);
  private long maxRequests;
  private long maxRequestsJitter;
  private long maxMemory;
  private Duration maxLifetime = Duration.ZERO;

  private TestSettings(int maxWorkers) {
    this.maxWorkers = maxWorkers;
  }

  static TestSettings pool(int maxWorkers) {
    return new TestSettings(maxWorkers);
  }

  TestSettings spawnInterval(Duration value) {
    spawnInterval = value;
    return this;
  }

  TestSettings errRespawnInterval(Duration value) {
    errRespawnInterval = value;
    return this;
  }

  TestSettings bootTimeout(Duration value) {
    bootTimeout = value;
    return this;
  }

  TestSettings heartbeatTimeout(Duration value) {
    heartbeatTimeout = value;
    return this;
  }

  TestSettings gracefulTimeout(Duration value) {
    gracefulTimeout = value;
    return this;
  }

  TestSettings killGrace(Duration value) {
    killGrace = value;
    return this;
  }

  TestSettings maxRequests(long value) {
    maxRequests = value;
    return this;
  }

  TestSettings maxRequestsJitter(long value) {
    maxRequestsJitter = value;
    return this;
  }

  TestSettings maxMemory(long value) {
    maxMemory = value;
    return this;
  }

  TestSettings maxLifetime(Duration value) {
    maxLifetime = value;
    return this;
  }

  PoolSettings build() {
    return new PoolSettings(
        maxWorkers,
        spawnInterval,
        errRespawnInterval,
        bootTimeout,
        heartbeatTimeout,
        gracefulTimeout,
        killGrace,
        maxRequests,
        maxRequestsJitter,
        maxMemory,
        maxLifetime);
  }

  /** A pool whose first children have just been started. */
  PoolSimulation start() {
    return new PoolSimulation(build(), new Random(1));
  }

  /** A pool all of whose children have served for at least ten seconds. */
  PoolSimulation serving() {
    PoolSimulation pool = start();
    pool.bootAll();
    pool.advance(Duration.ofSeconds(10));
    pool.heartbeats();
    pool.did();
    return pool;
  }
}
