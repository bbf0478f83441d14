/* One string, or a list of them, into struct texts: as a repeated option. */
#ifndef CLI_DECODE_TEXTS_H
#define CLI_DECODE_TEXTS_H

#include "lib/decode.h"
#include "lib/option.h"

decode_fn decode_texts;

#endif
