package pool

import (
	"crypto/sha256"
	"time"
)

// session is what a resume secret stands for.
type session struct {
	member *Member // nil: ended
	id     uint32
	name   string
	room   string
	secret string
	until  int64 // when an ended one is forgotten
}

// alive reports whether the session has not ended; nil has.
func (s *session) alive() bool { return s != nil && s.member != nil }

// resumes is the sessions that can be taken over, by the hash of their secret:
// a look-up's time must not tell how much of a guess was right.
type resumes struct {
	all  map[[sha256.Size]byte]*session
	most int // ended ones that are kept
	dead int
}

// newResumes keeps some ended sessions for each slot.
func newResumes(slots int) resumes {
	return resumes{all: map[[sha256.Size]byte]*session{}, most: max(256, 4*slots)}
}

// find is the session of a secret in that room, or nil.
func (r *resumes) find(secret, room string) *session {
	if secret == "" {
		return nil
	}
	if s := r.all[sha256.Sum256([]byte(secret))]; s != nil && s.room == room {
		return s
	}
	return nil
}

// put notes a living session.
func (r *resumes) put(m *Member) {
	key := sha256.Sum256([]byte(m.secret))
	if s := r.all[key]; s != nil && s.member == nil {
		r.dead--
	}
	r.all[key] = &session{member: m, id: m.id, name: m.name, room: m.room.name, secret: m.secret}
}

// ended lets a session be resumed for a while, if there are not too many such.
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

// forgetOldest makes room for one more ended session.
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

// expire forgets what is past its time.
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
