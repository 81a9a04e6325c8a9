package iocfeed

import "regexp"

// Refang undoes the spellings that keep addresses in reports from being
// clicked on, anywhere in a text: hxxps://evil[.]example is
// https://evil.example.
func Refang(text string) string {
	for _, rule := range refangRules() {
		text = rule.pattern.ReplaceAllString(text, rule.plain)
	}
	return text
}

type refangRule struct {
	pattern *regexp.Regexp
	plain   string
}

// refangRules go from marks in brackets to schemes, which end in such marks.
func refangRules() []refangRule {
	return []refangRule{
		{regexp.MustCompile(`(?i)[\[({]\s*(?:\.|dot)\s*[\])}]`), "."},
		{regexp.MustCompile(`(?i)[\[({]\s*(?:@|at)\s*[\])}]`), "@"},
		{regexp.MustCompile(`[\[({]\s*(:?//?|:)\s*[\])}]`), "$1"},
		{regexp.MustCompile(`(\w)\\\.`), "$1."},
		{regexp.MustCompile(`(?i)\bh(?:xx|xt|tx|\*\*|__)p(s?):`), "http$1:"},
		{regexp.MustCompile(`(?i)\bfxp(s?):`), "ftp$1:"},
		{regexp.MustCompile(`(?i)\b(https?|ftps?):\\\\`), "$1://"},
	}
}
