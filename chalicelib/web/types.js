// Types for tsc only: no module loads this file. Entities are those of the client API (/docs).

/** @typedef {{id: string, username: string, acct: string, url: string}} Mention */
/** @typedef {{name: string, url: string}} Tag */
/** @typedef {{name: string, value: string}} Field */

/**
 * @typedef {object} Account
 * @property {string} id
 * @property {string} username
 * @property {string} acct
 * @property {string} display_name
 * @property {boolean} locked
 * @property {boolean} bot
 * @property {string} note HTML
 * @property {string} url
 * @property {string} avatar
 * @property {string} header
 * @property {string} created_at
 * @property {number} followers_count
 * @property {number} following_count
 * @property {number} statuses_count
 * @property {Field[]} fields
 * @property {boolean} discoverable
 * @property {boolean} hide_collections whether others see no lists of followers
 */

/**
 * @typedef {object} Relationship What the logged-in person and another account are to each other.
 * @property {string} id of the other account
 * @property {boolean} following
 * @property {boolean} showing_reblogs
 * @property {boolean} notifying
 * @property {string[] | null} languages
 * @property {boolean} followed_by
 * @property {boolean} blocking
 * @property {boolean} blocked_by
 * @property {boolean} muting
 * @property {boolean} muting_notifications
 * @property {string | null} muting_expires_at
 * @property {boolean} requested
 * @property {boolean} requested_by
 * @property {boolean} endorsed
 * @property {string} note
 */

/** @typedef {{name: string, following: boolean, featuring: boolean, history: {day: string, uses: string, accounts: string}[]}} Hashtagged */

/** @typedef {{privacy: string, sensitive: boolean, language: string | null, quote_policy: string, expires_in: number | null,
 *   expires_in_by_visibility: Record<string, number | null>, lifetime_in_text: boolean, thread_ends_together: boolean,
 *   private_counts: boolean, follow_requests_count: number, note: string, fields: Field[]}} Source */
/** @typedef {Account & {source: Source}} OwnAccount */

/**
 * @typedef {object} Poll
 * @property {string} id
 * @property {string} expires_at
 * @property {boolean} expired
 * @property {boolean} multiple
 * @property {number} votes_count
 * @property {number} voters_count
 * @property {{title: string, votes_count: number | null}[]} options
 * @property {boolean} voted
 * @property {number[]} own_votes
 */

/** @typedef {{state: string, quoted_status?: Status | null, quoted_status_id?: string | null}} Quote */

/**
 * @typedef {object} Status
 * @property {string} id
 * @property {string} created_at
 * @property {string | null} in_reply_to_id
 * @property {string | null} in_reply_to_account_id
 * @property {boolean} sensitive
 * @property {string} spoiler_text
 * @property {string} visibility
 * @property {string} language
 * @property {string} url
 * @property {number} replies_count
 * @property {number} reblogs_count
 * @property {number} favourites_count
 * @property {number} quotes_count
 * @property {string | null} edited_at
 * @property {boolean} favourited
 * @property {boolean} reblogged
 * @property {boolean} muted
 * @property {boolean} bookmarked
 * @property {boolean} pinned
 * @property {string} content HTML
 * @property {string | null} [text]
 * @property {{filter: {title: string, filter_action: string}}[]} filtered
 * @property {Status | null} reblog
 * @property {Account} account
 * @property {Mention[]} mentions
 * @property {Tag[]} tags
 * @property {Quote | null} quote
 * @property {{automatic: string[], current_user: string}} quote_approval
 * @property {Poll | null} poll
 * @property {{expires_at: string, thread_ends_together: boolean}} pleroma
 */

/**
 * @typedef {object} Draft What a person has typed and chosen; nothing of anybody else.
 * @property {string} text
 * @property {string | null} [spoiler] null without a content warning
 * @property {string} visibility
 * @property {number} seconds the lifetime
 * @property {boolean} [isLifetimeChosen] whether the person chose it, so that it does not follow the visibility
 * @property {boolean} [goesWith] whether it is to end with the message that it answers
 * @property {string} [language]
 * @property {{options: string[], seconds: number, multiple: boolean, hideTotals: boolean} | null} [poll]
 * @property {string | null} [scheduled] a local date and time
 * @property {string} [quotePolicy]
 * @property {boolean} [endsTogether] whether no reply outlives it, if it begins a thread
 * @property {string} [key] of the request that sends it, until it is changed: sending it again does not post it twice
 * @property {string} [answers] the id of the message that it answers, where its place does not say that
 * @property {string} [quotes] the id of the message that it quotes, likewise
 * @property {boolean} [options] whether the further options are open
 */

/**
 * @typedef {object} Instance
 * @property {string} title
 * @property {string} domain
 * @property {string} description
 * @property {{id: string, text: string, hint: string}[]} rules
 * @property {{enabled: boolean, message: string | null}} registrations
 * @property {string} source_url
 * @property {string} version
 * @property {{email: string, account: Account | null}} contact
 * @property {{urls: {streaming?: string},
 *   accounts: {max_featured_tags: number, max_profile_fields: number, max_pinned_statuses: number},
 *   statuses: {max_characters: number, characters_reserved_per_url: number,
 *   min_expires_in: number, max_expires_in: number, default_expires_in: number},
 *   polls: {max_options: number, max_characters_per_option: number, min_expiration: number,
 *   max_expiration: number}}} configuration
 */

export {};
