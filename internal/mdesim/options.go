package mdesim

import (
	"crypto/x509"
	"net/http"
	"time"
)

// Op is the name of an operation, for faults, journal and counts.
type Op string

// The operations of the API, the token request, and what its neighbours hand
// out: an assertion of a CI system, the token of a managed identity.
const (
	OpToken                 Op = "token"
	OpAssertion             Op = "assertion"
	OpIdentity              Op = "managed identity"
	OpListIndicators        Op = "list indicators"
	OpGetIndicator          Op = "get indicator"
	OpSubmitIndicator       Op = "submit indicator"
	OpDeleteIndicator       Op = "delete indicator"
	OpImportIndicators      Op = "import indicators"
	OpBatchDeleteIndicators Op = "batch delete indicators"
	OpListLibraryFiles      Op = "list library files"
	OpUploadLibraryFile     Op = "upload library file"
	OpDeleteLibraryFile     Op = "delete library file"
	OpListMachines          Op = "list machines"
	OpGetMachine            Op = "get machine"
	OpRunLiveResponse       Op = "run live response"
	OpListMachineActions    Op = "list machine actions"
	OpGetMachineAction      Op = "get machine action"
	OpCancelMachineAction   Op = "cancel machine action"
	OpResultLink            Op = "get result link"
	OpDownloadResult        Op = "download result"
)

// Case is what the service does to the case of a hash on write.
type Case string

// What can happen to the case of a hash.
const (
	CaseKept    Case = ""
	CaseLowered Case = "lowered"
	CaseRaised  Case = "raised"
)

// Transcript is the form of a RunScript result.
type Transcript string

// The forms of a RunScript result.
const (
	// TranscriptRecorded is what the service really sends: script_name,
	// exit_code, script_output, script_errors.
	TranscriptRecorded Transcript = ""
	// TranscriptDocumented has the keys of the documentation's table: name,
	// exit_code, script_output, script_error.
	TranscriptDocumented Transcript = "documented"
	// TranscriptSample is like the documentation's sample: script_error, and
	// raw line breaks inside the strings, which is no valid JSON.
	TranscriptSample Transcript = "sample"
	// TranscriptText is the bare output, no JSON at all.
	TranscriptText Transcript = "text"
)

// Timing is how long the phases of a live-response run take.
type Timing struct {
	// Start is from the request until an online device begins.
	Start time.Duration
	// Command is how long a command takes.
	Command time.Duration
	// Settle is from the end of the last command until the action is terminal.
	Settle time.Duration
}

// RecordedTiming is what an idle online device really takes.
func RecordedTiming() Timing {
	return Timing{Start: 2 * time.Minute, Command: 3 * time.Second, Settle: 40 * time.Second}
}

// FederatedCredential lets assertions of that issuer and subject sign in. The
// signature of such an assertion is not checked.
type FederatedCredential struct {
	Issuer, Subject string
}

// Options play either side of what is unknown or contradictory about the
// service. The zero value is a quiet tenant with the recorded behaviour.
type Options struct {
	// Addr and AuthorityAddr are where Start listens; by default a free port
	// of 127.0.0.1 each.
	Addr, AuthorityAddr string
	// CA is a bundle of [Server.CABundlePEM] to use again.
	CA []byte
	// Seed is the tenant's first content, and what a reset goes back to.
	Seed Seed
	// OnCall, if set, is told of every call that was answered.
	OnCall func(Call)
	// TenantID, ClientID and ClientSecret default to fixed values.
	TenantID, ClientID, ClientSecret string
	// Certificates may sign client assertions.
	Certificates []*x509.Certificate
	// Federated credentials may sign in with an assertion; by default those of
	// the simulated CI systems and cluster.
	Federated []FederatedCredential
	// AssertionLife is that of an assertion; five minutes by default.
	AssertionLife time.Duration
	// TokenLife is that of a signed-in token; an hour by default.
	TokenLife time.Duration
	// OpaqueToken issues access tokens that are no JWT.
	OpaqueToken bool
	// Roles of the tokens; by default all that the provider needs.
	Roles []string

	// Quotas are off by default; see [DocumentedQuotas].
	Quotas Quotas
	// Minute is the length of a quota minute; an hour is 60 of them.
	Minute time.Duration
	// NoRetryAfter leaves the header of that name out of 429 answers.
	NoRetryAfter bool

	// PageSize is 10,000 by default.
	PageSize int
	// NoNextLink leaves @odata.nextLink out of full pages.
	NoNextLink bool
	// EmptyStrings answers empty texts as "" where the recordings have null.
	EmptyStrings bool

	// HashCase is what happens to the case of hashes.
	HashCase Case
	// Respell, which may be nil, is what the service does to the spelling of
	// values on write, hashes or not.
	Respell func(indicatorType, value string) string
	// ImportsAsStored answers an import with the values as they are stored, last
	// one first; by default as they were sent, in their order.
	ImportsAsStored bool
	// ModerniseActions answers AlertAndBlock as BlockAndRemediate and Alert as
	// Audit; by default the name is echoed.
	ModerniseActions bool
	// LiteralActions keys AlertAndBlock and Alert apart from BlockAndRemediate
	// and Audit; by default they are the same.
	LiteralActions bool
	// GroupsInKey keys indicators by their device groups, too.
	GroupsInKey bool
	// DeleteStatus of a deleted indicator: 204 by default, or 200.
	DeleteStatus int
	// VisibilityLag is how long the lists lack a new indicator or machine
	// action that a read by id and a write already find, and show a library
	// file as it was before an upload.
	VisibilityLag time.Duration
	// DeletionLag is how long the list shows an indicator that was deleted and
	// that a read by id and a write no longer find.
	DeletionLag time.Duration
	// NoGetByID answers 404 to the undocumented read of one indicator.
	NoGetByID bool
	// OwnIndicatorsOnly gives tokens Ti.ReadWrite in place of
	// Ti.ReadWrite.All: records of other creators are invisible.
	OwnIndicatorsOnly bool
	// IndicatorCap is 15,000 by default.
	IndicatorCap int

	// FoldFileNames takes library file names that differ by case for one.
	FoldFileNames bool
	// NoMachines404 answers 404 to a machine list that finds none.
	NoMachines404 bool

	// RunStatus answers an accepted run: 201 by default, or 200.
	RunStatus int
	// Timing is a few milliseconds each by default.
	Timing Timing
	// CommandErrors gives a command whose library file is missing the status
	// Failed and an error; by default it stays Created without one, as recorded.
	CommandErrors bool
	// FailedStatus is the status of a run with a failed command; Failed by
	// default.
	FailedStatus string
	// Transcript is the form of RunScript results.
	Transcript Transcript
	// PlainFiles sends GetFile results as they are; by default gzipped.
	PlainFiles bool
	// LinkLife is that of a result link; 30 minutes by default.
	LinkLife time.Duration
	// EarlyLinkStatus answers a result link before the command's end: 404 by
	// default, or 400.
	EarlyLinkStatus int
}

// The fixed identity of a simulated tenant, and its first machine.
const (
	DefaultTenantID     = "5ca1ab1e-0000-4000-8000-7e4a470e4a47"
	DefaultClientID     = "c11e47ed-0000-4000-8000-ab1ec0ffee00"
	DefaultClientSecret = "sim~Secret.of-the-Simulated-Tenant"
	DefaultMachineID    = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
)

const moment = 5 * time.Millisecond

// or gives a value that is unset its default.
func or[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

func (o Options) withDefaults() Options {
	or(&o.Addr, "127.0.0.1:0")
	or(&o.AuthorityAddr, "127.0.0.1:0")
	or(&o.TenantID, DefaultTenantID)
	or(&o.ClientID, DefaultClientID)
	or(&o.ClientSecret, DefaultClientSecret)
	or(&o.TokenLife, time.Hour)
	or(&o.AssertionLife, 5*time.Minute)
	if o.Federated == nil {
		o.Federated = defaultFederation()
	}
	or(&o.Minute, time.Minute)
	or(&o.PageSize, 10_000)
	or(&o.DeleteStatus, http.StatusNoContent)
	or(&o.IndicatorCap, 15_000)
	or(&o.RunStatus, http.StatusCreated)
	or(&o.Timing, Timing{Start: moment, Command: moment, Settle: moment})
	or(&o.FailedStatus, statusFailed)
	or(&o.LinkLife, 30*time.Minute)
	or(&o.EarlyLinkStatus, http.StatusNotFound)
	if o.Roles == nil {
		o.Roles = []string{"Library.Manage", "Machine.LiveResponse", "Machine.Read.All", "Ti.ReadWrite.All"}
		if o.OwnIndicatorsOnly {
			o.Roles[3] = "Ti.ReadWrite"
		}
	}
	return o
}
