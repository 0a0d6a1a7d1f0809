/* log.h - lines for people who look after lectern: "2026-03-01T09:30:00Z warn host: text".
 *
 * Text from plugins and files passes text_safe first. Levels at or above the threshold go to the sink (stderr until
 * log_to is called). Never used for results.
 */
#ifndef LECTERN_BASE_LOG_H
#define LECTERN_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_to(int fd);                      /* borrowed; -1 drops everything */
void log_threshold(enum log_level level); /* LOG_WARN at first; LECTERN_LOG=debug|info|warn|error sets it */
void log_write(enum log_level level, const char *who, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* 0 and *OUT or -1. */
int log_level_of(const char *name, enum log_level *out);
const char *log_level_name(enum log_level level);

#endif
