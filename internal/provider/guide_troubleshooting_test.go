package provider_test

import (
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const troubleshooting = "../../templates/guides/troubleshooting.md"

var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// TestGuideTroubleshooting_headlines looks for the headline of every error and
// warning in the guide, as code: `Indicator exists already`.
func TestGuideTroubleshooting_headlines(t *testing.T) {
	t.Parallel()
	var spans []string
	for _, match := range codeSpan.FindAllStringSubmatch(read(t, troubleshooting), -1) {
		spans = append(spans, match[1])
	}
	seen := 0
	for _, s := range sourcesOf(t) {
		for _, m := range s.headlines() {
			if strings.Trim(m.text, hole+" ") == "" {
				t.Errorf("%s: the headline cannot be read from the source; write it as a text, or teach messages_test.go", m.at)
				continue
			}
			seen++
			pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(m.text), hole, ".+") + "$")
			if !slices.ContainsFunc(spans, pattern.MatchString) {
				t.Errorf("%s: the guide to troubleshooting does not name `%s`", m.at, m.text)
			}
		}
	}
	if seen < 100 {
		t.Errorf("%d headlines were found", seen)
	}
}

// TestGuideTroubleshooting_errors looks for what the text of every error says
// first.
func TestGuideTroubleshooting_errors(t *testing.T) {
	t.Parallel()
	guide := strings.Join(strings.Fields(read(t, troubleshooting)), " ")
	seen := 0
	for _, s := range sourcesOf(t) {
		for _, m := range s.errorTexts() {
			said := statement(m.text)
			if said == "" {
				continue // It only joins others.
			}
			seen++
			if !strings.Contains(guide, said) {
				t.Errorf("%s: the guide to troubleshooting does not quote %q", m.at, said)
			}
		}
	}
	if seen < 100 {
		t.Errorf("%d errors were found", seen)
	}
}

// message is a text that the provider can show, and where it is written.
type message struct{ text, at string }

// summaryAt is which argument of a call is a diagnostic's summary.
func summaryAt() map[string]int {
	return map[string]int{
		"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0,
		"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	}
}

// headlines are the summaries of a package's diagnostics: those that it writes,
// those of errors with a summary of their own, and those of operations.
func (s *source) headlines() []message {
	found := map[string]string{}
	note := func(at ast.Node, texts []string) {
		for _, text := range texts {
			if text != elsewhere {
				found[text] = s.at(at)
			}
		}
	}
	for _, call := range s.calls {
		for name, at := range summaryAt() {
			if isCall(call.expr, name) {
				note(call.expr, s.texts(call.in, call.expr.Args[at]))
			}
		}
	}
	for _, r := range s.returns {
		if r.in != nil && r.in.Name.Name == "Summary" {
			note(r.expr, s.texts(r.in, r.expr))
		}
	}
	for _, l := range s.literals {
		if kind, ok := l.expr.Type.(*ast.SelectorExpr); ok && kind.Sel.Name == "Operation" {
			note(l.expr, s.couldNot(l))
		}
	}
	return sorted(found)
}

// couldNot are the headlines of an operation that fails.
func (s *source) couldNot(operation literal) []string {
	parts := map[string][]string{}
	for _, element := range operation.expr.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			key, _ := pair.Key.(*ast.Ident)
			parts[key.Name] = s.texts(operation.in, pair.Value)
		}
	}
	var all []string
	for _, verb := range parts["Verb"] {
		for _, object := range parts["Object"] {
			all = append(all, "Could not "+verb+" "+object)
		}
	}
	return all
}

// errorTexts are the texts of a package's errors, as far as it writes them.
func (s *source) errorTexts() []message {
	found := map[string]string{}
	for _, call := range s.calls {
		for name, at := range map[string]int{
			"New": 0, "Errorf": 0, "skip": 0, "NewArgumentFuncError": 1, "RegexMatches": 1,
			"federationError": 0, "certificateError": 0, "managedIdentityError": 1, "azureCLIError": 1,
		} {
			if isCall(call.expr, name) && len(call.expr.Args) > at {
				for _, text := range s.texts(call.in, call.expr.Args[at]) {
					found[text] = s.at(call.expr)
				}
			}
		}
	}
	for _, field := range []string{".Problem", ".Reason", ".reason"} {
		for _, value := range s.fields[field] {
			for _, text := range s.texts(nil, value) {
				found[text] = s.at(value)
			}
		}
	}
	for _, r := range s.returns {
		written, ok := r.expr.(*ast.CallExpr)
		if ok && r.in != nil && r.in.Name.Name == "Error" && isCall(written, "Sprintf") {
			for _, text := range s.texts(r.in, written) {
				found[text] = s.at(written)
			}
		}
	}
	return sorted(found)
}

// statement is what a text says before it gives advice: the longest piece
// between holes of the first part that has three words together.
func statement(text string) string {
	for _, part := range regexp.MustCompile(`[:;.] `).Split(text, -1) {
		longest := ""
		for _, piece := range strings.Split(part, hole) {
			if piece = strings.Trim(piece, " \n,:;.\"'()["); len(piece) > len(longest) {
				longest = piece
			}
		}
		if strings.Count(longest, " ") >= 2 {
			return longest
		}
	}
	return ""
}

func sorted(found map[string]string) []message {
	var all []message
	for _, text := range slices.Sorted(maps.Keys(found)) {
		all = append(all, message{text, found[text]})
	}
	return all
}
