package tfduration

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "10m": 10 * time.Minute, "2h": 2 * time.Hour, "7d": 7 * day, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute,
		"": 0, "7": 0, "-1h": 0, "0s": 0, "d": 0, "1.5d": 0, "7 d": 0, "99999999999d": 0, "4294967295d": 0, "106751d24h": 0,
	} {
		got, err := Parse(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestValue_semanticEquals(t *testing.T) {
	t.Parallel()
	equal, _ := Value{types.StringValue("60m")}.StringSemanticEquals(context.Background(), Value{types.StringValue("1h")})
	if !equal {
		t.Error("60m and 1h are one length")
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{10 * time.Minute: "10m", 7 * day: "7d", 2 * time.Hour: "2h", 90 * time.Second: "1m30s"} {
		if got := Format(d); got != want {
			t.Errorf("Format(%v) = %s, want %s", d, got, want)
		}
	}
}
