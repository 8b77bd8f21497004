// The lifetimes that are offered as chips.

const HOUR = 3600;
const DAY = 24 * HOUR;
const CHIPS = [300, HOUR, 6 * HOUR, DAY, 7 * DAY];

/**
 * Return the chips of a server in seconds: those that it allows.
 * @param {{min: number, max: number}} limits seconds
 */
export const chips = (limits) => CHIPS.filter((each) => each >= limits.min && each <= limits.max);
