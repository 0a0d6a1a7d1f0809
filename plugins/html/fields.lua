-- What of notes and talks a page shows.

return {
  note = { "kind", "title", "author", "event", "talks", "part_of", "body", "lang", "tags", "marks",
    "attachments" },
  talk = { "kind", "title", "event", "session", "speakers", "start", "room", "url", "slides_url", "video_url",
    "abstract", "lang", "tags", "marks" },
}
