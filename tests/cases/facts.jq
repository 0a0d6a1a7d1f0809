# Four listings (talks, mentions, notes, events) as facts that two stores can agree on: no ids, no times of the store.
def event: if . == null then null elif .year == null then .name else "\(.name) \(.year)" end;
def speaker: {name, role, affiliations};
def talk: {title, kind, kind_as_written, event: (.event | event), session, speakers: [.speakers[] | speaker], start, "end": .["end"], room,
    building, url, slides_url, video_url, abstract, lang, tags: (.tags | sort), fields, words};
def note: {kind, title, author: .author.name, event: (.event | event), body, lang, tags: (.tags | sort), fields, ord,
    questions, people: [.people[]? | select(.role != "author") | .name], talks: (.talks | length), part: (.part_of != null)};
{
    talks: [(.[0] + .[1])[] | talk] | sort_by(.title, .start, .kind),
    notes: [.[2][] | note] | sort_by(.title, .ord, .body),
    events: [.[3][] | {name, year}] | sort_by(.name, .year)
}
