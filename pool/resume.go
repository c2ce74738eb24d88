package pool

import (
	"crypto/sha256"
	"time"
)

// session is what a resume secret identifies.
type session struct {
	member *Member // nil: ended
	id     uint32
	name   string
	room   string
	secret string
	until  int64 // when an ended one is forgotten
}

// alive reports whether the session has not ended. A nil session has.
func (s *session) alive() bool { return s != nil && s.member != nil }

// resumes holds the sessions that can be taken over, by the hash of their secret: the time of a look-up must not tell
// how much of a guess was right.
type resumes struct {
	all  map[[sha256.Size]byte]*session
	most int // ended sessions that are kept
	dead int
}

// newResumes returns an empty set that keeps a few ended sessions per slot.
func newResumes(slots int) resumes {
	return resumes{all: map[[sha256.Size]byte]*session{}, most: max(256, 4*slots)}
}

// find returns the session of a secret in that room, or nil.
func (r *resumes) find(secret, room string) *session {
	if secret == "" {
		return nil
	}
	if s := r.all[sha256.Sum256([]byte(secret))]; s != nil && s.room == room {
		return s
	}
	return nil
}

// put adds a session that has not ended.
func (r *resumes) put(m *Member) {
	key := sha256.Sum256([]byte(m.secret))
	if s := r.all[key]; s != nil && s.member == nil {
		r.dead--
	}
	r.all[key] = &session{member: m, id: m.id, name: m.name, room: m.room.name, secret: m.secret}
}

// ended keeps a session for a while, so that it can be resumed. The oldest one makes way if there are too many.
func (r *resumes) ended(m *Member, now int64, keep time.Duration) {
	key := sha256.Sum256([]byte(m.secret))
	s := r.all[key]
	if s == nil || s.member != m {
		return
	}
	if r.dead >= r.most {
		r.forgetOldest()
	}
	s.member, s.until = nil, now+int64(keep)
	r.dead++
}

// forgetOldest removes the ended session that expires first.
func (r *resumes) forgetOldest() {
	var oldest [sha256.Size]byte
	var until int64
	for key, s := range r.all {
		if s.member == nil && (until == 0 || s.until < until) {
			oldest, until = key, s.until
		}
	}
	if until != 0 {
		delete(r.all, oldest)
		r.dead--
	}
}

// expire removes the sessions whose time is over.
func (r *resumes) expire(now int64) {
	if r.dead == 0 {
		return
	}
	for key, s := range r.all {
		if s.member == nil && s.until <= now {
			delete(r.all, key)
			r.dead--
		}
	}
}
