package account

// Reason is why a picture went no further.
type Reason string

// The reasons, from the camera to the screen.
const (
	ReplacedCapture Reason = "replaced_capture" // a newer picture came before the encoder was free
	Paused          Reason = "paused"
	NoConnection    Reason = "no_connection"
	NoDemand        Reason = "no_demand" // nobody looks
	RateLimited     Reason = "rate"      // above the rate that is wanted
	Resized         Reason = "resized"   // captured before a larger size was wanted
	EncodeFailed    Reason = "encode"
	ReplacedSend    Reason = "replaced_send" // a newer picture came before the connection could take it
	Ended           Reason = "ended"         // the call was over
	NoKey           Reason = "no_key"        // refers to a frame that is missing
	DecodeFailed    Reason = "decode"
	Late            Reason = "late"          // incomplete at the deadline for its fragments
	Damaged         Reason = "damaged"       // header or checksum does not match
	Unwanted        Reason = "unwanted"      // of a peer that is not shown
	ReplacedView    Reason = "replaced_view" // a newer picture came before it was drawn
)
