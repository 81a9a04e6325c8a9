package indicator

import (
	"slices"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// The lists below feed the validators and the descriptions alike.

// indicatorTypes are the types that can be written. The service returns more,
// such as WebCategory.
func indicatorTypes() []string {
	return []string{
		mde.TypeFileSHA1, mde.TypeFileSHA256, mde.TypeFileMD5, mde.TypeCertificateThumbprint,
		mde.TypeIPAddress, mde.TypeDomainName, mde.TypeURL,
	}
}

func actions() []string {
	return []string{
		mde.ActionAllowed, mde.ActionAudit, mde.ActionWarn, mde.ActionBlock, mde.ActionBlockAndRemediate,
		mde.ActionAlert, mde.ActionAlertAndBlock,
	}
}

// defaultSeverity is what the service gives a record that names none.
const defaultSeverity = mde.SeverityInformational

func severities() []string { return []string{defaultSeverity, "Low", "Medium", "High"} }

// isNetwork tells the types for which the service documents the order of
// precedence Allow, Warn, Block.
func isNetwork(indicatorType string) bool {
	return slices.Contains([]string{mde.TypeIPAddress, mde.TypeDomainName, mde.TypeURL}, indicatorType)
}

// showsNotice tells whether users see the notice that carries educate_url.
func showsNotice(indicatorType, action string) bool {
	return indicatorType == mde.TypeURL &&
		slices.Contains([]string{mde.ActionWarn, mde.ActionBlock, mde.ActionBlockAndRemediate}, mde.CanonicalAction(action))
}
