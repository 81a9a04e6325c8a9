// Package iocfeed reads lists of threat indicators in the formats that people
// exchange, the portal's CSV and STIX 2.1, and sorts them into groups of equal
// settings. It is pure: it reads no file, no clock and no environment, so that
// the same text always gives the same groups. What a value may be is not its
// to judge; the caller hands the rules in.
package iocfeed

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// MaxGroups is how many groups a list may make. More are a sign of a column
// that differs from row to row, and would become as many resources.
const MaxGroups = 50

// Rules are what the caller knows of values.
type Rules struct {
	// TypeOf infers the type of a value, empty when it has the form of none.
	TypeOf func(value string) string
	// Check tells what keeps a value from being an indicator of that type.
	Check func(indicatorType, value string) error
	// ShowsNotice tells whether users see the notice that links educate_url.
	ShowsNotice func(indicatorType, action string) bool
}

// Result is a list in groups.
type Result struct {
	// Groups by a key that is made of their settings alone.
	Groups map[string]Group
	// Skipped is what was read but cannot be an indicator, in order.
	Skipped []Skip
}

// Group is what shares all settings.
type Group struct {
	Settings
	// Indicators are the normalised values, each with its note.
	Indicators map[string]string
}

// Skip is a row, or a part of it, that is in no group.
type Skip struct {
	// Row counts the header of a CSV as 1, the first object of a bundle too.
	Row    int
	Reason string
}

// Settings are what a group shares. Empty means unset. They compare with ==.
type Settings struct {
	// IndicatorType is empty when each value shows its type by its form.
	IndicatorType      string
	Action             string
	Title              string
	Description        string
	Severity           string
	Application        string
	ExpirationTime     string
	ExpiresIn          string
	RenewBefore        string
	RecommendedActions string
	EducateURL         string
	GenerateAlert      bool
	// groups are the device groups, sorted and joined.
	groups string
}

const groupSeparator = "\x00"

// RBACGroupNames are the device groups in order, nil for all devices.
func (s Settings) RBACGroupNames() []string {
	if s.groups == "" {
		return nil
	}
	return strings.Split(s.groups, groupSeparator)
}

func joinGroups(names []string) string {
	var given []string
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			given = append(given, name)
		}
	}
	slices.Sort(given)
	return strings.Join(slices.Compact(given), groupSeparator)
}

// entry is one indicator as its source writes it.
type entry struct {
	row int
	// id names the row in its source, if anything does.
	id string

	indicatorType, value, action, title, severity, expirationTime string
	description, recommendedActions, rbacGroups, generateAlert    string
}

// dialect is how a source names its parts, for messages.
type dialect struct {
	row, column string
	// columns are the source's names of attributes, empty for what it does not
	// tell.
	columns map[string]string
}

// at names the place of a mistake.
func (d dialect) at(e entry, attribute string) string {
	return fmt.Sprintf("%s %s, %s %s", d.row, e.name(), d.column, d.columns[attribute])
}

func (e entry) name() string {
	if e.id == "" {
		return fmt.Sprint(e.row)
	}
	return fmt.Sprintf("%d (%s)", e.row, e.id)
}

// skip gives up a row, or a part of it.
func (e entry) skip(reason string) Skip {
	if e.id != "" {
		reason = e.id + ": " + reason
	}
	return Skip{Row: e.row, Reason: reason}
}

// folded is the spelling in which names are looked up: without case, spaces
// and punctuation.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + ('a' - 'A')
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, text)
}

// readAction takes the API's names and those that the portal shows.
func readAction(text string) (string, error) {
	switch folded(text) {
	case "allow", "allowed":
		return mde.ActionAllowed, nil
	case "audit":
		return mde.ActionAudit, nil
	case "warn":
		return mde.ActionWarn, nil
	case "block", "blockexecution":
		return mde.ActionBlock, nil
	case "blockandremediate":
		return mde.ActionBlockAndRemediate, nil
	case "alert", "alertonly":
		return mde.ActionAlert, nil
	case "alertandblock":
		return mde.ActionAlertAndBlock, nil
	}
	return "", fmt.Errorf("%q is no action: write Allowed, Audit, Warn, Block or BlockAndRemediate", text)
}

// defaultSeverity is what the service gives a record that names none.
const defaultSeverity = "Informational"

func readSeverity(text string) (string, error) {
	switch folded(text) {
	case "", "informational", "info":
		return defaultSeverity, nil
	case "low":
		return "Low", nil
	case "medium":
		return "Medium", nil
	case "high":
		return "High", nil
	}
	return "", fmt.Errorf("%q is no severity: write Informational, Low, Medium or High", text)
}

// webCategory is a type that the portal exports and nobody can write.
const webCategory = "WebCategory"

// readType takes the API's names and the short ones that lists use.
func readType(text string) (string, error) {
	switch folded(text) {
	case "":
		return "", nil
	case "filesha1", "sha1":
		return mde.TypeFileSHA1, nil
	case "filesha256", "sha256":
		return mde.TypeFileSHA256, nil
	case "filemd5", "md5":
		return mde.TypeFileMD5, nil
	case "certificatethumbprint", "certificate", "thumbprint":
		return mde.TypeCertificateThumbprint, nil
	case "ipaddress", "ip", "ipv4", "ipv6":
		return mde.TypeIPAddress, nil
	case "domainname", "domain":
		return mde.TypeDomainName, nil
	case "url":
		return mde.TypeURL, nil
	case "webcategory":
		return webCategory, nil
	}
	return "", fmt.Errorf("%q is no type of indicator: write FileSha1, FileSha256, FileMd5, CertificateThumbprint, IpAddress, DomainName or Url, or leave it empty to have it inferred from the value", text)
}

// readTime takes RFC 3339, and dates and times without zone, which are UTC.
// The service keeps whole seconds.
func readTime(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Second).Format(time.RFC3339), nil
		}
	}
	return "", fmt.Errorf("%q is no time: write it in RFC 3339, such as 2027-01-31T00:00:00Z", text)
}

func readBool(text string) (bool, error) {
	switch folded(text) {
	case "", "false", "no", "0":
		return false, nil
	case "true", "yes", "1":
		return true, nil
	}
	return false, fmt.Errorf("%q is neither TRUE nor FALSE", text)
}
