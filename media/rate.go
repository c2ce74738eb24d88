package media

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Rate is a number of frames a second as it is asked for. The zero value is Native, so that a rate that was left out of
// a control body means the track's own.
type Rate int

// The rates that are no numbers of frames.
const (
	Native Rate = 0  // as many as the track has; left out in JSON
	Off    Rate = -1 // none: the track is not wanted; 0 in JSON
)

// PerSecond returns the rate for n frames a second; 0 or less is Off.
func PerSecond(n int) Rate {
	if n <= 0 {
		return Off
	}
	return Rate(n)
}

// On reports whether any frames are wanted.
func (r Rate) On() bool { return r >= 0 }

// Max returns the larger of two rates: Native is above every number, and Off is below.
func (r Rate) Max(s Rate) Rate {
	switch {
	case !r.On():
		return s
	case !s.On():
		return r
	case r == Native || s == Native:
		return Native
	}
	return max(r, s)
}

// String returns "native", "off" or the number.
func (r Rate) String() string {
	switch {
	case r == Native:
		return "native"
	case r < 0:
		return "off"
	}
	return strconv.Itoa(int(r))
}

// MarshalJSON writes the number of frames a second, 0 for Off. A field of this type needs omitzero, which leaves Native
// out.
func (r Rate) MarshalJSON() ([]byte, error) {
	if r == Native {
		return nil, fmt.Errorf("media: the native rate is left out of JSON, not written")
	}
	return strconv.AppendInt(nil, int64(max(r, 0)), 10), nil
}

// UnmarshalJSON reads a number of frames a second; 0 is Off, and a negative number is an error. Whether a number is too
// large is for the caller to check.
func (r *Rate) UnmarshalJSON(b []byte) error {
	var n int
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("media: a rate is a whole number: %w", err)
	}
	if n < 0 {
		return fmt.Errorf("media: a rate of %d", n)
	}
	*r = PerSecond(n)
	return nil
}
