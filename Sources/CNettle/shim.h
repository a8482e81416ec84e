#pragma once
#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
