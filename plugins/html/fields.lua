-- What of notes and talks a page shows.

return {
  note = { "short", "kind", "title", "author", "event", "talks", "part_of", "body", "lang", "tags", "marks",
    "attachments" },
  talk = { "short", "kind", "title", "event", "session", "speakers", "start", "room", "url", "slides_url", "video_url",
    "abstract", "lang", "tags", "marks" },
}
