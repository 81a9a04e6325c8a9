// Package tfdiag turns errors of the API client into diagnostics that say which
// object, what the service answered, and what to do next. It is the only place
// that does, and it refuses to know any resource.
package tfdiag

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// Operation names what was attempted.
type Operation struct {
	// Verb and Object make the summary: "Could not create indicator".
	Verb, Object string
	// Name tells which one: a file name, a value, an id.
	Name string
	// Permissions are the application permissions of which the operation needs
	// one, from the area's table.
	Permissions []string
}

// Error returns the diagnostic of a failed operation.
func Error(op Operation, err error) diag.Diagnostic {
	summary := fmt.Sprintf("Could not %s %s", op.Verb, op.Object)
	var b strings.Builder
	if op.Name != "" {
		fmt.Fprintf(&b, "%s %q: ", capital(op.Object), op.Name)
	}
	b.WriteString(err.Error())
	if hint := hint(op, err); hint != "" {
		b.WriteString("\n\n")
		b.WriteString(hint)
	}
	return diag.NewErrorDiagnostic(summary, b.String())
}

// Permitted tells in a plan what the access token will not let the apply do.
// Of a token that does not tell it warns, once.
func Permitted(ctx context.Context, client *mde.Client, ops ...Operation) diag.Diagnostics {
	identity, err := client.SignIn(ctx)
	if err != nil {
		return nil // The call that needs the token says so.
	}
	var diags diag.Diagnostics
	if !identity.Readable && client.First("unreadable token") {
		diags.AddWarning("Permissions of the access token are not known", "The access token cannot be read, so that a missing permission shows only when the service refuses a call.")
	}
	for _, op := range ops {
		if err := identity.Permit(op.Permissions); err != nil {
			diags.Append(Error(op, err))
		}
	}
	return diags
}

// hint says what to do next.
func hint(op Operation, err error) string {
	var api *mde.Error
	switch {
	case errors.Is(err, mde.ErrForbidden) && errors.As(err, &api) && api.Code == "DisabledFeature":
		return "The feature is switched off in the tenant: turn it on in the Defender portal under Settings > Endpoints > Advanced features."
	case errors.Is(err, mde.ErrForbidden) && errors.As(err, &api) && api.Code == "DisallowedOperation":
		return "The service does not allow this operation on the device: check the automation level of its device group in the Defender portal."
	case (errors.Is(err, mde.ErrForbidden) || errors.Is(err, mde.ErrNotPermitted)) && len(op.Permissions) > 0:
		return fmt.Sprintf("The application needs the permission %s of the API WindowsDefenderATP. Add it to the app registration as an application permission, grant admin consent, and try again; a token that was issued before does not have it.", strings.Join(op.Permissions, " or "))
	case errors.Is(err, mde.ErrFull):
		return "The tenant holds as many active indicators as it can (15,000). Delete what is no longer needed, or covered by a domain or a certificate already, and apply again."
	case errors.Is(err, mde.ErrUnauthorized):
		return signedIn(err) + "The service does not accept the token: check tenant_id, client_id, token_scope and environment of the provider and the clock of this machine, or renew access_token."
	case errors.Is(err, mde.ErrThrottled):
		return "The quota of the application is used up, perhaps by another pipeline that shares it. Try again later, lower rate_limits of the provider, or raise the resource's timeouts."
	case errors.Is(err, mde.ErrClaimed):
		return "Another resource of this configuration has written the same object in this apply. Keep one of the two."
	case errors.Is(err, mde.ErrKept):
		return "Apply again, once what keeps the other resource from giving it up is mended."
	case errors.Is(err, context.DeadlineExceeded):
		return "The operation did not end within the resource's timeouts. Raise them, or apply again: what was done is not done twice."
	case errors.Is(err, mde.ErrUnavailable), errors.Is(err, mde.ErrOutcomeUnknown):
		return "Apply again: what was done is not done twice."
	}
	return ""
}

// signedIn says how the token came about that the service does not accept.
func signedIn(err error) string {
	var api *mde.Error
	if !errors.As(err, &api) || api.SignIn == "" {
		return ""
	}
	return fmt.Sprintf("The provider signs in with %s. ", api.SignIn)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
