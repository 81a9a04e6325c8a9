package transport

import "context"

// Family names a quota of the service. Calls of one family share their
// windows; https://learn.microsoft.com/en-us/defender-endpoint/api/api-terms-of-use
// and each API page give the figures.
type Family string

// The quota families of the Defender for Endpoint API.
const (
	// FamilyRequests covers most calls: 100 a minute, 1,500 an hour.
	FamilyRequests Family = ""
	// FamilyImport covers indicator imports: 30 a minute.
	FamilyImport Family = "import"
	// FamilyBatchDelete covers indicator batch deletes: 30 a minute, 1,500 an hour.
	FamilyBatchDelete Family = "batch delete"
	// FamilyRun covers starts of live-response runs: 10 a minute.
	FamilyRun Family = "live response run"
)

// Replay says when a request may be sent again.
type Replay int

const (
	// ReplayRefused repeats a request only after the service has refused it
	// before doing anything (429 and 503). It is the default.
	ReplayRefused Replay = iota
	// ReplaySafe repeats a request also after network errors and every 5xx:
	// sending it twice has the effect of sending it once.
	ReplaySafe
	// ReplayNever hands every failure back to the caller, who settles it by
	// reading before anything is sent again.
	ReplayNever
)

// Traits are what the round-trippers may know of a request. They never look
// at its path.
type Traits struct {
	Family Family
	Replay Replay
	// Ready, which may be nil, is asked when the request has its place in the
	// quota, just before it is sent. Its error keeps the request from being
	// sent.
	Ready func(context.Context) error
	// Finish waits for the answer for a moment more when the caller is
	// interrupted while the request is under way.
	Finish bool
}

type traitsKey struct{}

// WithTraits returns a context whose requests carry traits.
func WithTraits(ctx context.Context, traits Traits) context.Context {
	return context.WithValue(ctx, traitsKey{}, traits)
}

// TraitsOf returns the traits that ctx carries, or the zero Traits.
func TraitsOf(ctx context.Context) Traits {
	traits, _ := ctx.Value(traitsKey{}).(Traits)
	return traits
}
