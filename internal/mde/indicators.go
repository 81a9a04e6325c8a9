package mde

import (
	"encoding/json"
	"time"
)

// Indicator is a threat indicator, as the service returns it.
// https://learn.microsoft.com/en-us/defender-endpoint/api/ti-indicator
type Indicator struct {
	// ID is opaque.
	ID             string
	IndicatorValue string
	IndicatorType  string
	Action         string
	Title          string
	Description    string
	Severity       string
	// Application is honoured at creation only.
	Application        string
	ExpirationTime     *time.Time
	RecommendedActions string
	EducateURL         string
	GenerateAlert      bool
	RBACGroupNames     []string

	// Stamps of the service; ignored on write.
	CreatedBy               string
	CreatedByDisplayName    string
	CreatedBySource         string
	CreationTimeDateTimeUTC time.Time
	LastUpdateTime          time.Time
	LastUpdatedBy           string
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

// SeverityInformational is that of a record that names none.
const SeverityInformational = "Informational"

// indicatorRequest is what a write sends: every field that an update may
// change, each time, so that what is no longer configured is cleared.
type indicatorRequest struct {
	IndicatorValue     string   `json:"indicatorValue"`
	IndicatorType      string   `json:"indicatorType"`
	Action             string   `json:"action"`
	Title              string   `json:"title"`
	Description        string   `json:"description"`
	Severity           string   `json:"severity"`
	Application        string   `json:"application,omitempty"`
	ExpirationTime     *string  `json:"expirationTime"`
	RecommendedActions string   `json:"recommendedActions"`
	EducateURL         string   `json:"educateUrl"`
	GenerateAlert      bool     `json:"generateAlert"`
	RBACGroupNames     []string `json:"rbacGroupNames"`
}

// MarshalJSON writes the indicator as the API takes it: without the stamps of
// the service, the time in whole seconds.
func (i Indicator) MarshalJSON() ([]byte, error) {
	request := indicatorRequest{
		IndicatorValue:     sentValue(i.IndicatorType, i.IndicatorValue),
		IndicatorType:      i.IndicatorType,
		Action:             i.Action,
		Title:              i.Title,
		Description:        i.Description,
		Severity:           i.Severity,
		Application:        i.Application,
		RecommendedActions: i.RecommendedActions,
		EducateURL:         i.EducateURL,
		GenerateAlert:      i.GenerateAlert,
		RBACGroupNames:     i.RBACGroupNames,
	}
	if i.ExpirationTime != nil {
		expires := i.ExpirationTime.UTC().Format("2006-01-02T15:04:05Z")
		request.ExpirationTime = &expires
	}
	if request.RBACGroupNames == nil {
		request.RBACGroupNames = []string{}
	}
	return json.Marshal(request)
}
