package mde

import (
	"context"
	"iter"
	"time"
)

// Indicator is a threat indicator, as the service returns it.
// https://learn.microsoft.com/en-us/defender-endpoint/api/ti-indicator
type Indicator struct {
	// ID is opaque.
	ID             string `json:"id"`
	IndicatorValue string `json:"indicatorValue"`
	IndicatorType  string `json:"indicatorType"`
	Action         string `json:"action"`
	Title          string `json:"title"`
	Description    string `json:"description"`
	Severity       string `json:"severity"`
	// Application is honoured at creation only.
	Application        string     `json:"application"`
	ExpirationTime     *time.Time `json:"expirationTime"`
	RecommendedActions string     `json:"recommendedActions"`
	EducateURL         string     `json:"educateUrl"`
	GenerateAlert      bool       `json:"generateAlert"`
	RBACGroupNames     []string   `json:"rbacGroupNames"`

	// Stamps of the service; ignored on write.
	CreatedBy               string    `json:"createdBy"`
	CreatedByDisplayName    string    `json:"createdByDisplayName"`
	CreatedBySource         string    `json:"createdBySource"`
	CreationTimeDateTimeUTC time.Time `json:"creationTimeDateTimeUtc"`
	LastUpdateTime          time.Time `json:"lastUpdateTime"`
	LastUpdatedBy           string    `json:"lastUpdatedBy"`
}

// Indicator types that can be written.
const (
	TypeFileSHA1              = "FileSha1"
	TypeFileSHA256            = "FileSha256"
	TypeFileMD5               = "FileMd5"
	TypeCertificateThumbprint = "CertificateThumbprint"
	TypeIPAddress             = "IpAddress"
	TypeDomainName            = "DomainName"
	TypeURL                   = "Url"
)

// Indicator actions; Alert and AlertAndBlock are old names, see
// [CanonicalAction].
const (
	ActionAllowed           = "Allowed"
	ActionAudit             = "Audit"
	ActionWarn              = "Warn"
	ActionBlock             = "Block"
	ActionBlockAndRemediate = "BlockAndRemediate"
	ActionAlert             = "Alert"
	ActionAlertAndBlock     = "AlertAndBlock"
)

// IndicatorKey is what the service keys a record by: value, type and action,
// each in the spelling that compares equal (see [Indicator.Key]).
type IndicatorKey struct {
	Type, Value, Action string
}

// Key returns the normalised key of the record.
func (i Indicator) Key() IndicatorKey { panic("contract") }

// NormalizeValue returns the spelling in which two values of that type compare
// equal exactly when the service takes them for the same: hashes, domains and
// URL hosts in lower case, IPv6 as eight groups.
func NormalizeValue(indicatorType, value string) string { panic("contract") }

// CanonicalAction resolves the old action names: AlertAndBlock is
// BlockAndRemediate with an alert, Alert is Audit with an alert.
func CanonicalAction(action string) string { panic("contract") }

// DemandsAlert tells whether the action is only valid with generateAlert true
// (Audit, and the old names Alert and AlertAndBlock).
func DemandsAlert(action string) bool { panic("contract") }

// Indicators are the tenant's threat indicators. Reads of many callers travel
// in shared calls, writes of many callers in import and batch-delete calls.
type Indicators struct {
	client *Client
}

// Lookup names the record that [Indicators.Get] is after.
type Lookup struct {
	ID string
	// Type and Value, when known, let the read be a small filtered call.
	Type, Value string
	// WrittenAt is when the caller last wrote the record (zero: unknown or
	// long ago). A record written less than five minutes ago that a list lacks
	// is asked for by its id before it counts as gone.
	WrittenAt time.Time
}

// Get returns the record with that id, or an error that is [ErrNotFound].
func (s *Indicators) Get(ctx context.Context, lookup Lookup) (Indicator, error) { panic("contract") }

// Find returns every record of that type and value, whatever its action.
// It may answer from the process's snapshot; see [Indicators.Fresh].
func (s *Indicators) Find(ctx context.Context, indicatorType, value string) ([]Indicator, error) {
	panic("contract")
}

// Fresh forgets what was read before, so that the next read asks the service.
func (s *Indicators) Fresh() { panic("contract") }

// List yields the records that match the OData filter, straight from the
// service, all of them when the filter is empty.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection
func (s *Indicators) List(ctx context.Context, filter string) iter.Seq2[Indicator, error] {
	panic("contract")
}

// Submit creates the record, or updates the one with the same key, and returns
// it with its id. Concurrent calls travel in one import; each caller gets its
// own result. An answer that was lost is settled by reading.
// https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator
func (s *Indicators) Submit(ctx context.Context, indicator Indicator) (Indicator, error) {
	panic("contract")
}

// Delete removes the record. A record that is gone is no error; a record whose
// key this process has written or adopted (see [Indicators.Claim]) is left
// alone. Concurrent calls travel in one batch delete.
// https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id
func (s *Indicators) Delete(ctx context.Context, indicator Indicator) error { panic("contract") }

// Claim marks a key as written or adopted by one resource of this apply. The
// second claim of a key is [ErrClaimed]. The returned function takes the claim
// back, for a write that failed.
func (s *Indicators) Claim(key IndicatorKey) (release func(), err error) { panic("contract") }
