package io.clutch.protocol;

/** Whether the function of a failed call was started; what was not is safe to send again. */
public enum Started {
  /** It was not, and will not be. */
  NO,
  /** It was. */
  YES,
  /** It may have been: the connection or the deadline ended before anyone could tell. */
  UNKNOWN
}
